import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { createMailbox } from "../../../domain/mail/create-mailbox.ts";
import { endLeftSubscriptions, listLeftSubscriptions } from "../../../domain/mail/left-subscriptions.ts";
import type { MailboxRole } from "../../../domain/mail/model.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { type MailboxTree, normalizeName, readMailboxTree, roleOfUse } from "../mailbox-tree.ts";
import { placeMailbox } from "../place-mailbox.ts";
import { Refusal } from "../refusal.ts";
import { tellNormalized } from "../tell-normalized.ts";

/** CREATE (special uses: RFC 6154 section 3), with the levels above that are missing (RFC 9051 section 6.3.4). */
export const create: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    const uses = scanner.atEnd ? [] : parseUses(scanner);
    scanner.end();
    const tree = await readMailboxTree(session);
    const { access, parentId, missing } = placeMailbox(tree, name);
    const role = uses.length === 0 ? null : roleFor(uses, tree, access);
    const { mail } = session.deps;
    const left = session.isPersonal(access) ? await listLeftSubscriptions(mail.store.read, access) : [];
    const levels = normalizeName(name).replace(/\/$/, "").split("/");
    const above = levels.length - missing.length;
    let parent = parentId;
    for (const [index, level] of missing.entries()) {
      const isLast = index === missing.length - 1;
      // Programs subscribe to what they make, but a subscription is to a name: it may be older than the mailbox.
      const isSubscribed = left.includes(levels.slice(0, above + index + 1).join("/"));
      const input = { name: level, parentId: parent, role: isLast ? role : null, isSubscribed };
      parent = (await createMailbox(mail, await session.reread(access), input)).id;
    }
    const made = left.filter((each) => `${levels.join("/")}/`.startsWith(`${each}/`));
    if (made.length > 0) await endLeftSubscriptions(mail, access, made);
    session.channel.send(tellNormalized(session, name));
    return { text: "Created.", code: `MAILBOXID (${parent})` };
  },
};

function parseUses(scanner: Scanner): string[] {
  const uses: string[] = [];
  scanner.space();
  scanner.list(() => {
    scanner.expect("USE ");
    uses.push(...scanner.list(() => scanner.flag()));
  });
  return uses;
}

/** The one role that a mailbox has here. @throws Refusal USEATTR for several, for one that is not known, or is another mailbox's */
function roleFor(uses: readonly string[], tree: MailboxTree, access: AccountAccess): MailboxRole {
  const role = roleOfUse(uses[0]!);
  if (uses.length > 1 || role === undefined) throw new Refusal("There is no such use here.", "USEATTR");
  for (const entry of tree.values()) {
    if (entry.access.accountId !== access.accountId || entry.mailbox?.role !== role) continue;
    throw new Refusal(`"${entry.name}" is used for this already.`, "USEATTR");
  }
  return role;
}
