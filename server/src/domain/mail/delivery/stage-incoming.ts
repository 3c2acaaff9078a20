import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { AnalyzingMailDeps } from "../model.ts";
import { analyzeBytes, type StagedMessage } from "../stage-message.ts";

/**
 * Takes in a message that streams by: it is written as it comes and held in memory only for its analysis. The caller has
 * bounded its size.
 * @throws DomainError `unavailable` when it could not be analyzed now; the source's error; ENOSPC
 */
export async function stageIncoming(
  deps: AnalyzingMailDeps,
  source: AsyncIterable<Uint8Array>,
): Promise<StagedMessage> {
  const staged = await deps.blobs.stage(source);
  try {
    return { staged, analyzed: await analyzeBytes(deps, await readStaged(deps, staged)) };
  } catch (error) {
    await deps.blobs.discard(staged);
    throw error;
  }
}

/** The bytes of a blob that has no row yet. */
export async function readStaged({ blobs }: Pick<AnalyzingMailDeps, "blobs">, staged: StagedBlob): Promise<Buffer> {
  if (staged.data) return staged.data;
  const chunks: Buffer[] = [];
  for await (const chunk of blobs.storage.read(staged.id)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks, staged.size);
}
