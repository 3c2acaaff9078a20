import type { AccountAccess } from "../../domain/access/account-access.ts";
import { DomainError } from "../../domain/errors.ts";
import { scriptQuota } from "../../domain/mail/filters/sieve-script.ts";
import { openMailBlob } from "../../domain/mail/open-message.ts";
import { fromBlobId } from "./blob-id.ts";
import { SetFailure } from "./jmap-errors.ts";
import type { CallContext } from "./method.ts";

/**
 * The text of a script that a client uploaded, or that is another's.
 * @throws SetFailure `blobNotFound`, `invalidSieve` for what is not UTF-8, `tooLarge`
 */
export async function readScriptBlob(context: CallContext, access: AccountAccess, blobId: string): Promise<string> {
  const source = await openMailBlob(context.deps.mail, access, fromBlobId(blobId)).catch((error: unknown) => {
    if (!(error instanceof DomainError) || error.code !== "not_found") throw error;
    throw new SetFailure({ type: "blobNotFound", notFound: [blobId] });
  });
  if (source.size > scriptQuota.bytesOfOne) throw new SetFailure({ type: "tooLarge", maxSize: scriptQuota.bytesOfOne });
  const chunks: Buffer[] = [];
  for await (const chunk of source.open()) chunks.push(chunk as Buffer);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new SetFailure({ type: "invalidSieve", description: "The script is not UTF-8" });
  }
}

/** What the domain says of a script that is wrong, or of a name that is taken, in the words of RFC 9661 section 2.2. */
export function asScriptFailure(thrown: unknown): unknown {
  if (!(thrown instanceof DomainError)) return thrown;
  const description = thrown.message;
  if (thrown.code === "invalid" && thrown.data?.faults) return new SetFailure({ type: "invalidSieve", description });
  if (thrown.code === "invalid")
    return new SetFailure({ type: "invalidProperties", properties: ["name"], description });
  if (thrown.code === "already_exists") return new SetFailure({ type: "alreadyExists", description });
  if (thrown.code === "conflict") return new SetFailure({ type: "sieveIsActive", description });
  return thrown;
}
