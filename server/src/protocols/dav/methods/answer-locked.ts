import { type DavCall, hrefOfNames } from "../dav-call.ts";
import { LockedError, submittedCondition } from "../locked-error.ts";
import { MultistatusWriter, writeStatus } from "../multistatus.ts";

/**
 * Runs a write of a whole tree. What a lock inside of it stops is answered 207, with 423 for what is locked (RFC 4918 sections 9.6.1
 * and 9.8.4).
 */
export async function answerLocked(call: DavCall, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    const { tree, lockedNames } = error;
    const isInside = (names: readonly string[]): boolean =>
      names.length > call.names.length && call.names.every((name, index) => name === names[index]);
    if (tree !== call.tree || !lockedNames.every(isInside)) throw error;
    const writer = new MultistatusWriter(call);
    for (const names of lockedNames) {
      const href = hrefOfNames(tree, names);
      await writer.write(writeStatus(href, 423, submittedCondition([href])));
    }
    writer.end();
  }
}
