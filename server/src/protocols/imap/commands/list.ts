import { type ListCommand, parseList } from "../../../formats/imap-syntax/parse-list.ts";
import { writeList, writeMailbox, writeUntagged } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";
import { type MailboxEntry, type MailboxTree, normalizeName, readMailboxTree, specialUseOf } from "../mailbox-tree.ts";
import { type NameMatcher, nameMatcher } from "../name-matcher.ts";
import type { Session } from "../session.ts";
import { statusResponse } from "../status-response.ts";

/** LIST with its extensions: RFC 9051 section 6.3.9, RFC 5258, RFC 5819, RFC 6154. */
export const list: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const command = parseList(raw, session.rev2);
    // `LIST "" ""` asks for the delimiter.
    if (!command.extended && command.patterns[0] === "") {
      session.channel.send(writeUntagged('LIST (\\Noselect) "/" ""'));
      return { text: "Delimiter told." };
    }
    const tree = await readMailboxTree(session);
    const matches = nameMatcher(command.reference, command.patterns);
    for (const entry of tree.values()) {
      if (!matches(entry.name)) continue;
      const line = listLine(session, command, tree, entry, matches);
      if (line === null) continue;
      session.channel.send(line);
      const { mailbox } = entry;
      if (command.returns.status !== null && mailbox !== null) {
        session.channel.send(await statusResponse(session, { ...entry, mailbox }, command.returns.status));
      }
      await session.channel.flushSome();
    }
    return { text: "Mailboxes listed." };
  },
};

function listLine(
  session: Session,
  command: ListCommand,
  tree: MailboxTree,
  entry: MailboxEntry,
  matches: NameMatcher,
): string | null {
  const { select, returns } = command;
  const selected = isSelected(entry, select);
  // RFC 5258 section 3.5: a parent is named for descendants that are wanted but not listed themselves.
  const forChildren =
    select.recursiveMatch &&
    descendants(tree, entry.name).some((child) => isSelected(child, select) && !matches(child.name));
  if (!selected && !forChildren) return null;
  const attributes: string[] = [];
  if (entry.mailbox === null) attributes.push(session.rev2 ? "\\NonExistent" : "\\Noselect");
  if (returns.subscribed && entry.mailbox?.isSubscribed) attributes.push("\\Subscribed");
  attributes.push(descendants(tree, entry.name).length > 0 ? "\\HasChildren" : "\\HasNoChildren");
  const use = specialUseOf(entry);
  if (use !== null) attributes.push(use);
  const childInfo = forChildren && select.subscribed ? ' ("CHILDINFO" ("SUBSCRIBED"))' : "";
  return writeUntagged(`LIST ${writeList(attributes)} "/" ${writeMailbox(entry.name, session.rev2)}${childInfo}`);
}

function isSelected(entry: MailboxEntry, select: ListCommand["select"]): boolean {
  if (select.subscribed && entry.mailbox?.isSubscribed !== true) return false;
  return !select.specialUse || specialUseOf(entry) !== null;
}

/** The tree lists parents before their children, and children together. */
function descendants(tree: MailboxTree, name: string): MailboxEntry[] {
  const prefix = `${name}/`;
  return [...tree.values()].filter((entry) => entry.name.startsWith(prefix));
}

/**
 * LSUB, which IMAP4rev2 replaced by LIST (SUBSCRIBED). With `%` a parent that is not subscribed stands for its subscribed
 * descendants (RFC 3501 section 6.3.9).
 */
export const lsub: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const { reference, patterns } = parseList(raw, session.rev2);
    const matches = nameMatcher(reference, patterns);
    const tree = await readMailboxTree(session);
    const told = new Set<string>();
    const tell = (name: string, attributes: string) => {
      if (told.has(name)) return;
      told.add(name);
      session.channel.send(writeUntagged(`LSUB (${attributes}) "/" ${writeMailbox(name, session.rev2)}`));
    };
    for (const entry of tree.values()) {
      if (!entry.mailbox?.isSubscribed) continue;
      if (matches(entry.name)) tell(entry.name, "");
      else if (patterns.some((pattern) => pattern.endsWith("%"))) {
        const parent = parentsOf(entry.name).find((name) => matches(name) && !tree.get(name)?.mailbox?.isSubscribed);
        if (parent !== undefined) tell(parent, "\\Noselect");
      }
    }
    return { text: "Subscriptions listed." };
  },
};

function parentsOf(name: string): string[] {
  const levels = normalizeName(name).split("/");
  return levels.slice(1).map((_level, index) => levels.slice(0, index + 1).join("/"));
}
