import { DomainError } from "../../../domain/errors.ts";
import { escapeText } from "../../../formats/dav-xml/write-xml.ts";
import { type DavCall, hrefOfNames } from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import { LockedError } from "../locked-error.ts";
import { MultistatusWriter, writeStatus } from "../multistatus.ts";

/**
 * Runs a write. What a lock stops is answered 423 with the resources whose tokens are missing (RFC 4918 section 16); when it is
 * something inside of what the request is about, 207 (sections 9.6.1 and 9.8.4).
 * @throws DavError 423
 */
export async function answerLocked(call: DavCall, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof DomainError && error.code === "locked") throw lockedAt([hrefOfNames(call.tree, call.names)]);
    if (!(error instanceof LockedError)) throw error;
    const { tree, lockedNames } = error;
    const inside =
      tree === call.tree &&
      lockedNames.every((names) => isInside(names, call.names) && names.length > call.names.length);
    const hrefs = lockedNames.map((names) => hrefOfNames(tree, names));
    if (!inside) throw lockedAt(hrefs);
    const writer = new MultistatusWriter(call);
    for (const href of hrefs) {
      await writer.write(
        writeStatus(href, 423, `<d:lock-token-submitted><d:href>${escapeText(href)}</d:href></d:lock-token-submitted>`),
      );
    }
    writer.end();
  }
}

function isInside(names: readonly string[], folder: readonly string[]): boolean {
  return folder.every((name, index) => name === names[index]);
}

function lockedAt(hrefs: readonly string[]): DavError {
  const inner = hrefs.map((href) => `<d:href>${escapeText(href)}</d:href>`).join("");
  return new DavError(423, "This is locked", {
    condition: `<d:lock-token-submitted>${inner}</d:lock-token-submitted>`,
  });
}
