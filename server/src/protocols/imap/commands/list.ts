import { setImmediate } from "node:timers/promises";
import { listLeftSubscriptions } from "../../../domain/mail/left-subscriptions.ts";
import { type ListCommand, parseList } from "../../../formats/imap-syntax/parse-list.ts";
import { writeList, writeMailbox, writeUntagged } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";
import { type MailboxEntry, type MailboxTree, readMailboxTree, specialUseOf } from "../mailbox-tree.ts";
import { nameMatcher } from "../name-matcher.ts";
import type { Session } from "../session.ts";
import { statusResponse } from "../status-response.ts";
import { myRightsResponse } from "./acl.ts";

/** Names compared before others get their turn. */
const NAMES_PER_TURN = 50;

/** LIST with its extensions: RFC 9051 section 6.3.9, RFC 5258, RFC 5819, RFC 6154, RFC 8440. */
export const list: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const command = parseList(raw, session.utf8);
    // `LIST "" ""` asks for the delimiter.
    if (!command.extended && command.patterns[0] === "") {
      session.channel.send(writeUntagged('LIST (\\Noselect) "/" ""'));
      return { text: "Delimiter told." };
    }
    const tree = await readMailboxTree(session);
    const left = command.select.subscribed && !command.select.specialUse ? await readLeft(session, tree) : [];
    const matches = nameMatcher(command.reference, command.patterns);
    const parents = parentsOf(tree.values());
    // RFC 5258 section 3.5: a parent is named for descendants that are wanted but not listed themselves.
    const hidden = (entry: MailboxEntry) => isSelected(entry, command.select) && !matches(entry.name);
    const forChildren = command.select.recursiveMatch
      ? parentsOf([...tree.values()].filter(hidden))
      : new Set<string>();
    let seen = 0;
    for (const entry of tree.values()) {
      seen += 1;
      if (seen % NAMES_PER_TURN === 0) await setImmediate();
      const named = forChildren.has(entry.name);
      if (!matches(entry.name) || !(named || isSelected(entry, command.select))) continue;
      session.channel.send(listLine(session, command, entry, parents.has(entry.name), named));
      const { mailbox } = entry;
      if (command.returns.myRights && mailbox !== null) {
        session.channel.send(myRightsResponse(session, entry.name, { ...entry, mailbox }));
      }
      if (command.returns.status !== null && mailbox !== null) {
        session.channel.send(await statusResponse(session, { ...entry, mailbox }, command.returns.status));
      }
      await session.channel.flushSome();
    }
    for (const name of left.filter(matches)) {
      const written = writeMailbox(name, session.utf8);
      session.channel.send(writeUntagged(`LIST (\\Subscribed \\NonExistent) "/" ${written}`));
      await session.channel.flushSome();
    }
    return { text: "Mailboxes listed." };
  },
};

/** Names that are subscribed to although their mailboxes were deleted. */
async function readLeft(session: Session, tree: MailboxTree): Promise<string[]> {
  const own = (await session.accounts()).find((access) => session.isPersonal(access));
  if (own === undefined) return [];
  const names = await listLeftSubscriptions(session.deps.mail.store.read, own);
  return names.filter((name) => !tree.get(name)?.mailbox);
}

function listLine(
  session: Session,
  { select, returns }: ListCommand,
  entry: MailboxEntry,
  hasChildren: boolean,
  forChildren: boolean,
): string {
  const attributes: string[] = [];
  if (entry.mailbox === null) attributes.push(session.rev2 ? "\\NonExistent" : "\\Noselect");
  if (returns.subscribed && entry.mailbox?.isSubscribed) attributes.push("\\Subscribed");
  attributes.push(hasChildren ? "\\HasChildren" : "\\HasNoChildren");
  const use = specialUseOf(entry);
  if (use !== null) attributes.push(use);
  const childInfo = forChildren && select.subscribed ? ' ("CHILDINFO" ("SUBSCRIBED"))' : "";
  return writeUntagged(`LIST ${writeList(attributes)} "/" ${writeMailbox(entry.name, session.utf8)}${childInfo}`);
}

function isSelected(entry: MailboxEntry, select: ListCommand["select"]): boolean {
  if (select.subscribed && entry.mailbox?.isSubscribed !== true) return false;
  return !select.specialUse || specialUseOf(entry) !== null;
}

/** Names of all levels above these. */
function parentsOf(entries: Iterable<MailboxEntry>): Set<string> {
  const parents = new Set<string>();
  for (const { name } of entries) for (const parent of levelsAbove(name)) parents.add(parent);
  return parents;
}

function levelsAbove(name: string): string[] {
  const levels = name.split("/");
  return levels.slice(1).map((_level, index) => levels.slice(0, index + 1).join("/"));
}

/**
 * LSUB, which IMAP4rev2 replaced by LIST (SUBSCRIBED). With `%` a parent that is not subscribed stands for its subscribed
 * descendants (RFC 3501 section 6.3.9).
 */
export const lsub: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const { reference, patterns } = parseList(raw, session.utf8);
    const matches = nameMatcher(reference, patterns);
    const tree = await readMailboxTree(session);
    const told = new Set<string>();
    const tell = (name: string, attributes: string) => {
      if (told.has(name)) return;
      told.add(name);
      session.channel.send(writeUntagged(`LSUB (${attributes}) "/" ${writeMailbox(name, session.utf8)}`));
    };
    for (const entry of tree.values()) {
      if (!entry.mailbox?.isSubscribed) continue;
      if (matches(entry.name)) tell(entry.name, "");
      else if (patterns.some((pattern) => pattern.endsWith("%"))) {
        const parent = levelsAbove(entry.name).find((name) => matches(name) && !tree.get(name)?.mailbox?.isSubscribed);
        if (parent !== undefined) tell(parent, "\\Noselect");
      }
    }
    for (const name of (await readLeft(session, tree)).filter(matches)) tell(name, "\\Noselect");
    return { text: "Subscriptions listed." };
  },
};
