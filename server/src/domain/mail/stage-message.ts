import type { AnalyzedMessage } from "../../formats/mime/analyze-message.ts";
import { BlobTooLarge, inlineLimit, type StagedBlob } from "../../store/blobs/blobs.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import type { AnalyzingMailDeps } from "./model.ts";
import { readMailQuota } from "./read-mail-quota.ts";

export interface StagedMessage {
  staged: StagedBlob;
  analyzed: AnalyzedMessage;
}

/**
 * Takes in the bytes of a message that a client sends, ready for `appendMessages`. They are held in memory for the analysis, which is
 * why `maxSize` bounds them.
 * @param options.size announced by the client, checked before anything is read
 * @param options.maxSize in bytes
 * @param options.signal the client went away: nothing is left behind
 * @throws DomainError `too_large`, `over_quota`; the source's error; the signal's reason
 */
export async function stageMessage(
  deps: AnalyzingMailDeps,
  access: AccountAccess,
  source: AsyncIterable<Uint8Array>,
  options: { size?: number; maxSize: number; signal?: AbortSignal },
): Promise<StagedMessage> {
  const tooLarge = (): DomainError => new DomainError("too_large", `A message has at most ${options.maxSize} bytes`);
  if (options.size !== undefined) {
    if (options.size > options.maxSize) throw tooLarge();
    // A small one is refused by the transaction that would add it, which looks anyway.
    const quota = options.size <= inlineLimit ? undefined : await readMailQuota(deps.store.read, access);
    if (quota && quota.limitBytes !== null && quota.usedBytes + options.size > quota.limitBytes) {
      throw new DomainError("over_quota", "The mailbox is full");
    }
  }
  return stageBytes(deps, await readBounded(source, options, tooLarge));
}

/** The size announced is taken at its word for the memory, not for the length. */
async function readBounded(
  source: AsyncIterable<Uint8Array>,
  options: { size?: number; maxSize: number; signal?: AbortSignal },
  tooLarge: () => DomainError,
): Promise<Buffer> {
  let bytes = Buffer.allocUnsafe(options.size ?? 64 * 1024);
  let total = 0;
  for await (const chunk of source) {
    options.signal?.throwIfAborted();
    const end = total + chunk.byteLength;
    if (end > options.maxSize) throw tooLarge();
    if (end > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(options.maxSize, Math.max(end, bytes.length * 2)));
      bytes.copy(larger, 0, 0, total);
      bytes = larger;
    }
    bytes.set(chunk, total);
    total = end;
  }
  options.signal?.throwIfAborted();
  return bytes.subarray(0, total);
}

/** The same for bytes that are in memory already. @throws DomainError `unavailable` when they could not be analyzed now */
export async function stageBytes(deps: AnalyzingMailDeps, bytes: Buffer): Promise<StagedMessage> {
  const analyzed = await analyzeBytes(deps, bytes);
  return { staged: await deps.blobs.stage(bytes), analyzed };
}

/** @throws DomainError `unavailable` when no worker could do it now */
export async function analyzeBytes(deps: AnalyzingMailDeps, bytes: Buffer): Promise<AnalyzedMessage> {
  try {
    return await deps.analyze(bytes);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "WorkerFailure") throw error;
    throw new DomainError("unavailable", "The message could not be read now", { detail: error.message, cause: error });
  }
}

/** Removes staged bytes that will not be used. */
export async function discardStaged(deps: Pick<AnalyzingMailDeps, "blobs">, staged: StagedBlob): Promise<void> {
  await deps.blobs.discard(staged);
}

/** Runs a blob operation, with its limit as a DomainError. */
export async function asTooLarge<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BlobTooLarge)
      throw new DomainError("too_large", "This is too large", { detail: error.message });
    throw error;
  }
}
