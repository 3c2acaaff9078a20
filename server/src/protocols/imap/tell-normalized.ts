import { writeMailbox, writeUntagged } from "../../formats/imap-syntax/write-response.ts";
import { normalizeName } from "./mailbox-tree.ts";
import type { Session } from "./session.ts";

/** RFC 9051 section 6.3.9.7: a LIST response with the name as it is kept, if that is not the one given. */
export function tellNormalized(session: Session, given: string): string {
  const [kept, old] = [normalizeName(given), given].map((name) => name.replace(/\/$/, "")) as [string, string];
  if (!session.rev2 || kept === old) return "";
  return writeUntagged(`LIST () "/" ${writeMailbox(kept, true)} ("OLDNAME" (${writeMailbox(old, true)}))`);
}
