import type { Reader } from "../../store/database.ts";
import { countAboveUid } from "../../store/mail/recent-uids.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { mayRead } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import type { Mailbox } from "./model.ts";

/**
 * Messages of a mailbox that no session was told of as `\Recent` yet: STATUS (RECENT), RFC 3501 section 6.3.10. Nothing is read when
 * there can be none.
 * @param aboveUid only those with a higher uid
 * @throws DomainError `not_found`
 */
export async function countRecent(
  reader: Reader,
  access: AccountAccess,
  mailbox: Pick<Mailbox, "id" | "uidnext" | "recentUid">,
  aboveUid = 0,
): Promise<number> {
  if (!mayRead(access, mailbox.id)) throw new DomainError("not_found", "There is no such mailbox");
  const uid = Math.max(mailbox.recentUid, aboveUid);
  return uid >= mailbox.uidnext - 1 ? 0 : countAboveUid(reader, access, mailbox.id, uid);
}
