import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { selectMailboxes } from "../../../store/mail/mailbox-rows.ts";
import { DomainError } from "../../errors.ts";
import { isInboxName } from "../mailbox-name.ts";

/**
 * For the operator's commands: the mailbox of an account by its path, levels separated by slashes, INBOX in any case.
 * @throws DomainError `not_found`
 */
export async function findMailboxByPath(reader: Reader, account: AccountKey, path: string): Promise<string> {
  const mailboxes = await selectMailboxes(reader, account);
  let found: string | null = null;
  for (const level of path.normalize("NFC").split("/")) {
    const next = mailboxes.find(
      ({ parent_id, name, role }) =>
        parent_id === found && (name === level || (role === "inbox" && isInboxName(level, parent_id))),
    );
    if (!next) throw new DomainError("not_found", `There is no mailbox ${path}`);
    found = next.id;
  }
  return found!;
}

/** The path of a mailbox, empty when it is gone. */
export async function readMailboxPath(reader: Reader, account: AccountKey, mailboxId: string): Promise<string> {
  const byId = new Map((await selectMailboxes(reader, account)).map((each) => [each.id, each]));
  const levels: string[] = [];
  for (let at = byId.get(mailboxId); at !== undefined; at = byId.get(at.parent_id ?? "")) levels.unshift(at.name);
  return levels.join("/");
}
