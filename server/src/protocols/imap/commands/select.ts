import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { flagsAllowed } from "../../../domain/access/mailbox-rights.ts";
import { claimRecent, type UidRange, unclaimedRecent } from "../../../domain/mail/claim-recent.ts";
import type { Mailbox } from "../../../domain/mail/model.ts";
import { selectMailbox } from "../../../domain/mail/select-mailbox.ts";
import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { parseSelect } from "../../../formats/imap-syntax/parse-select.ts";
import {
  writeList,
  writeMailbox,
  writeStatusLine,
  writeUntagged,
} from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";
import { findMailbox } from "../mailbox-tree.ts";
import { SelectedMailbox, SYSTEM_FLAGS } from "../selected-mailbox.ts";
import type { Session } from "../session.ts";
import { tellMissedChanges } from "../tell-missed-changes.ts";

/** SELECT and EXAMINE: RFC 9051 sections 6.3.2 and 6.3.3. */
export const select: Command = {
  state: "authenticated",
  updates: "never",
  async run(session, raw) {
    const { channel } = session;
    const { mailbox: name, condstore, qresync } = parseSelect(raw, session.utf8);
    if (qresync !== null && !session.qresync) throw new BadSyntax("QRESYNC has to be enabled first.");
    // A SELECT that fails leaves no mailbox selected (RFC 9051 section 6.3.2).
    const hadOne = session.selected !== null;
    session.deselect();
    if (hadOne && (session.rev2 || session.condstore)) channel.send(writeStatusLine("OK", "Closed.", "CLOSED"));
    if (condstore) session.enableCondstore();
    const entry = await findMailbox(session, name);
    const { access } = entry;
    // RFC 4314 section 4: one flag, or messages, is enough.
    const readOnly = raw.verb === "EXAMINE" || flagsAllowed(access, entry.mailbox.id, SYSTEM_FLAGS).length === 0;
    const [{ mailbox, uids, firstUnseenUid, keywords }, recent] = await Promise.all([
      selectMailbox(session.deps.mail, access, entry.mailbox),
      findRecent(session, access, entry.mailbox, readOnly),
    ]);
    const kept = flagsAllowed(access, mailbox.id, [...SYSTEM_FLAGS, ...keywords]);
    const selected = new SelectedMailbox(session, { access, mailbox, uids, keywords, readOnly, recent });
    session.selected = selected;
    const mayAddKeywords = flagsAllowed(access, mailbox.id, ["$new"]).length > 0;
    const permanent = readOnly ? [] : [...kept, ...(mayAddKeywords ? ["\\*"] : [])];
    channel.send(
      selected.flagsLine() +
        writeStatusLine("OK", "Flags that are kept.", `PERMANENTFLAGS ${writeList(permanent)}`) +
        writeUntagged(`${uids.length} EXISTS`) +
        (session.rev2 ? writeUntagged(`LIST () "/" ${writeMailbox(entry.name, true)}`) : selected.recentLine(session)) +
        writeStatusLine("OK", "UIDs are valid.", `UIDVALIDITY ${mailbox.uidvalidity}`) +
        writeStatusLine("OK", "Predicted next UID.", `UIDNEXT ${mailbox.uidnext}`) +
        writeStatusLine("OK", "Highest.", `HIGHESTMODSEQ ${mailbox.highestModseq}`) +
        writeStatusLine("OK", "Mailbox id.", `MAILBOXID (${mailbox.id})`),
    );
    if (firstUnseenUid !== null && !session.rev2) {
      const unseen = selected.uids.sequenceOf(firstUnseenUid);
      if (unseen > 0) channel.send(writeStatusLine("OK", "First unseen.", `UNSEEN ${unseen}`));
    }
    if (qresync !== null && qresync.uidValidity === mailbox.uidvalidity) {
      await tellMissedChanges(session, selected, mailbox.uidnext, qresync);
    }
    return { text: `${raw.verb} done.`, code: readOnly ? "READ-ONLY" : "READ-WRITE" };
  },
};

/** Which messages are `\Recent` for who selects the mailbox: those that no session was told of (RFC 3501 section 2.3.2). */
async function findRecent(
  session: Session,
  access: AccountAccess,
  mailbox: Mailbox,
  readOnly: boolean,
): Promise<UidRange | undefined> {
  if (session.rev2) return undefined;
  const throughUid = mailbox.uidnext - 1;
  return readOnly ? unclaimedRecent(mailbox, throughUid) : claimRecent(session.deps.mail, access, mailbox, throughUid);
}
