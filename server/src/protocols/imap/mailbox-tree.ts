import { type AccountAccess, listAccounts } from "../../domain/access/account-access.ts";
import { listMailboxes } from "../../domain/mail/list-mailboxes.ts";
import type { Mailbox, MailboxRole } from "../../domain/mail/model.ts";
import { Refusal } from "./refusal.ts";
import type { Session } from "./session.ts";

/** What other accounts share stands below this name (RFC 2342). */
export const SHARED_PREFIX = "Shared";

export interface MailboxEntry {
  /** Full name, levels separated by a slash. */
  readonly name: string;
  readonly access: AccountAccess;
  /** Null for a level that is only there to hold others. */
  readonly mailbox: Mailbox | null;
}

/** Every mailbox that the person may see, by its full name, parents before children. */
export type MailboxTree = ReadonlyMap<string, MailboxEntry>;

const SPECIAL_USE: Record<MailboxRole, string | null> = {
  inbox: null,
  drafts: "\\Drafts",
  sent: "\\Sent",
  junk: "\\Junk",
  trash: "\\Trash",
  archive: "\\Archive",
};

/** The attribute of RFC 6154. Those of shared accounts are not told: programs would take them for the person's own. */
export function specialUseOf(entry: MailboxEntry): string | null {
  const role = entry.mailbox?.role ?? null;
  return role === null || !entry.access.isOwn ? null : SPECIAL_USE[role];
}

/** Reads the tree of the person's own mailboxes and, unless `ownOnly`, of those shared with them. */
export async function readMailboxTree(session: Session, { ownOnly = false } = {}): Promise<MailboxTree> {
  const reader = session.deps.mail.store.read;
  const tree = new Map<string, MailboxEntry>();
  for (const access of await listAccounts(reader, session.viewer)) {
    if (!access.rights.has("read") || (ownOnly && !access.isOwn)) continue;
    const mailboxes = await listMailboxes(reader, access);
    if (access.isOwn) addMailboxes(tree, access, mailboxes, "");
    else if (mailboxes.length > 0) addMailboxes(tree, access, mailboxes, sharedRoot(tree, access));
  }
  return tree;
}

/** Adds the levels `Shared` and `Shared/<owner>`, and returns the prefix of the owner's mailboxes. */
function sharedRoot(tree: Map<string, MailboxEntry>, access: AccountAccess): string {
  const container = (name: string) => {
    if (!tree.has(name)) tree.set(name, { name, access, mailbox: null });
  };
  container(SHARED_PREFIX);
  const plain = `${SHARED_PREFIX}/${asLevel(access.ownerName)}`;
  const name = tree.has(plain) ? `${plain} (${asLevel(access.ownerAddress ?? access.accountId)})` : plain;
  container(name);
  return `${name}/`;
}

function addMailboxes(
  tree: Map<string, MailboxEntry>,
  access: AccountAccess,
  mailboxes: readonly Mailbox[],
  prefix: string,
): void {
  const children = Map.groupBy(mailboxes, ({ parentId }) => parentId);
  const visit = (parentId: string | null, path: string) => {
    const siblings = children.get(parentId) ?? [];
    for (const mailbox of siblings.toSorted((a, b) => a.sortOrder - b.sortOrder || compare(a.name, b.name))) {
      const level = mailbox.role === "inbox" ? "INBOX" : mailbox.name;
      const name = tree.has(path + level) ? `${path}${level} (${mailbox.id.slice(-6)})` : path + level;
      tree.set(name, { name, access, mailbox });
      visit(mailbox.id, `${name}/`);
    }
  };
  visit(null, prefix);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A slash in the name of an owner would be a level here. */
function asLevel(name: string): string {
  return name.replaceAll("/", "∕");
}

/**
 * The mailbox of a name, or a refusal.
 * @throws Refusal with the code given, by default NONEXISTENT; TRYCREATE is what APPEND and COPY have to say
 */
export async function findMailbox(
  session: Session,
  name: string,
  code = "NONEXISTENT",
): Promise<MailboxEntry & { readonly mailbox: Mailbox }> {
  const ownOnly = !name.startsWith(`${SHARED_PREFIX}/`);
  const entry = findEntry(await readMailboxTree(session, { ownOnly }), name);
  if (entry?.mailbox) return { ...entry, mailbox: entry.mailbox };
  throw new Refusal(`There is no mailbox "${name}".`, code);
}

/** Names are equal in Unicode's composed form, which is the one that is stored. */
export function findEntry(tree: MailboxTree, name: string): MailboxEntry | undefined {
  return tree.get(normalizeName(name));
}

/** `INBOX` is one name in whatever case, also as the first level (RFC 9051 section 5.1). */
export function normalizeName(name: string): string {
  return name.normalize("NFC").replace(/^inbox(?=\/|$)/i, "INBOX");
}
