import type { AccountAccess, Right } from "../../domain/access/account-access.ts";
import { rightsIn } from "../../domain/access/mailbox-rights.ts";
import { listHiddenParents, listMailboxes } from "../../domain/mail/list-mailboxes.ts";
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
  /** In the personal namespace. */
  readonly isPersonal: boolean;
  /** For a level without mailbox: whether mailboxes at the account's root stand below it. */
  readonly isRoot?: boolean;
}

/** What the person may do in the mailbox of an entry. */
export function rightsOf({ access, mailbox }: MailboxEntry): ReadonlySet<Right> {
  return mailbox === null ? new Set() : rightsIn(access, mailbox.id);
}

/** Every mailbox that the person may see, by its full name, parents before children. */
export type MailboxTree = ReadonlyMap<string, MailboxEntry>;

/** Attributes of RFC 6154. */
export const SPECIAL_USE: Record<MailboxRole, string | null> = {
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
  return role === null || !entry.isPersonal ? null : SPECIAL_USE[role];
}

/** The role that an attribute of RFC 6154 names, in whatever case. */
export function roleOfUse(use: string): MailboxRole | undefined {
  const roles = Object.keys(SPECIAL_USE) as MailboxRole[];
  return roles.find((role) => SPECIAL_USE[role]?.toLowerCase() === use.toLowerCase());
}

/** Reads the tree of the person's own mailboxes and, unless `ownOnly`, of those shared with them. */
export async function readMailboxTree(session: Session, { ownOnly = false } = {}): Promise<MailboxTree> {
  const reader = session.deps.mail.store.read;
  const tree = new Map<string, MailboxEntry>();
  for (const access of await session.accounts()) {
    const isPersonal = session.isPersonal(access);
    if (ownOnly && !isPersonal) continue;
    const mailboxes = await listMailboxes(reader, access);
    if (isPersonal) addMailboxes(tree, { access, isPersonal }, mailboxes, "");
    else if (mailboxes.length > 0) {
      const nodes = [...mailboxes, ...(await listHiddenParents(reader, access))];
      addMailboxes(tree, { access, isPersonal }, nodes, sharedRoot(tree, access));
    }
  }
  return tree;
}

/** Adds the levels `Shared` and `Shared/<owner>`, and returns the prefix of the owner's mailboxes. */
function sharedRoot(tree: Map<string, MailboxEntry>, access: AccountAccess): string {
  const container = (name: string, isRoot: boolean) => {
    if (!tree.has(name)) tree.set(name, { name, access, mailbox: null, isPersonal: false, isRoot });
  };
  container(SHARED_PREFIX, false);
  const plain = `${SHARED_PREFIX}/${asLevel(access.ownerName)}`;
  const name = tree.has(plain) ? `${plain} (${asLevel(access.ownerAddress ?? access.accountId)})` : plain;
  container(name, true);
  return `${name}/`;
}

function addMailboxes(
  tree: Map<string, MailboxEntry>,
  of: Pick<MailboxEntry, "access" | "isPersonal">,
  mailboxes: readonly (Mailbox | HiddenParent)[],
  prefix: string,
): void {
  const children = Map.groupBy(mailboxes, ({ parentId }) => parentId);
  const visit = (parentId: string | null, path: string) => {
    const siblings = children.get(parentId) ?? [];
    for (const mailbox of siblings.toSorted((a, b) => orderOf(a) - orderOf(b) || compare(a.name, b.name))) {
      const level = "role" in mailbox && mailbox.role === "inbox" ? "INBOX" : mailbox.name;
      const name = tree.has(path + level) ? `${path}${level} (${mailbox.id.slice(-6)})` : path + level;
      tree.set(name, { name, ...of, mailbox: "role" in mailbox ? mailbox : null });
      visit(mailbox.id, `${name}/`);
    }
  };
  visit(null, prefix);
}

/** A mailbox that only holds others which are shared. */
type HiddenParent = Awaited<ReturnType<typeof listHiddenParents>>[number];

function orderOf(mailbox: Mailbox | HiddenParent): number {
  return "sortOrder" in mailbox ? mailbox.sortOrder : Number.MAX_SAFE_INTEGER;
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
