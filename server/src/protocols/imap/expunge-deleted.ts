import { expungeMessages } from "../../domain/mail/expunge-messages.ts";
import { searchMailbox } from "../../domain/mail/search-mailbox.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Removes the messages flagged \Deleted that the client knows of; `only` limits it to some UIDs. They stay recoverable. */
export async function expungeDeleted(
  session: Session,
  selected: SelectedMailbox,
  only: Iterable<number> | null,
): Promise<void> {
  const { mail } = session.deps;
  const deleted = await searchMailbox(mail, selected.access, selected.id, {
    key: "flag",
    flag: "\\Deleted",
  });
  const wanted = only === null ? null : new Set(only);
  const uids = deleted.filter((uid) => selected.uids.sequenceOf(uid) > 0 && (wanted === null || wanted.has(uid)));
  if (uids.length > 0) await expungeMessages(mail, selected.access, selected.id, uids);
}
