import { readMailboxMessages } from "../../domain/mail/read-mailbox-messages.ts";
import type { FetchItem } from "../../formats/imap-syntax/parse-fetch.ts";
import { FetchWriter } from "./fetch-writer.ts";
import { inBatches } from "./in-batches.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Sends what NOTIFY asked to know of new messages, always with the UID (RFC 5465 section 5.2); nothing is marked as seen. */
export async function fetchArrived(
  session: Session,
  selected: SelectedMailbox,
  uids: readonly number[],
  items: readonly FetchItem[],
): Promise<void> {
  const withUid = items.some(({ item }) => item === "UID") ? items : [{ item: "UID" } as const, ...items];
  const writer = new FetchWriter(session, selected, withUid);
  for (const batch of inBatches(uids, 200)) {
    const { store } = session.deps.mail;
    await writer.write(await readMailboxMessages(store.read, selected.access, selected.id, batch), new Set());
  }
}
