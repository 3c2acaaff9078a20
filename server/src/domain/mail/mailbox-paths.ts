import type { Reader } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { type MailboxRow, selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { createMailbox } from "./create-mailbox.ts";
import type { MailboxRole, MailDeps } from "./model.ts";

const roles: Readonly<Record<string, MailboxRole>> = {
  "\\archive": "archive",
  "\\drafts": "drafts",
  "\\junk": "junk",
  "\\sent": "sent",
  "\\trash": "trash",
};

/** The mailboxes of one account by the names that its owner's mail programs show: levels separated by a slash. */
export class MailboxPaths {
  readonly #byParent: Map<string | null, MailboxRow[]>;
  readonly #rows: readonly MailboxRow[];

  constructor(rows: readonly MailboxRow[]) {
    this.#rows = rows;
    this.#byParent = Map.groupBy(rows, (row) => row.parent_id);
  }

  static async read(reader: Reader, key: AccountKey): Promise<MailboxPaths> {
    return new MailboxPaths(await selectMailboxes(reader, key));
  }

  find(path: string): string | undefined {
    const { id, missing } = this.#walk(path);
    return missing.length === 0 ? (id ?? undefined) : undefined;
  }

  hasId(id: string): boolean {
    return this.#rows.some((row) => row.id === id);
  }

  /** The path of a mailbox, empty when it is gone. */
  pathOf(id: string): string {
    const levels: string[] = [];
    const find = (wanted: string | null) => this.#rows.find((row) => row.id === wanted);
    for (let at = find(id); at !== undefined; at = find(at.parent_id)) levels.unshift(at.name);
    return levels.join("/");
  }

  /** By an attribute of RFC 6154. */
  findByAttribute(attribute: string): string | undefined {
    const role = Object.hasOwn(roles, attribute.toLowerCase()) ? roles[attribute.toLowerCase()] : undefined;
    return role && this.#rows.find((row) => row.role === role)?.id;
  }

  hasAttributes(mailboxId: string, attributes: readonly string[]): boolean {
    return attributes.every((attribute) => this.findByAttribute(attribute) === mailboxId);
  }

  /** Makes the levels that are missing. @throws DomainError `invalid` for a name or a depth that is not possible */
  async create(deps: MailDeps, access: AccountAccess, path: string): Promise<string> {
    let { id, missing } = this.#walk(path);
    for (const name of missing) id = (await createMailbox(deps, access, { name, parentId: id })).id;
    if (id === null) throw new DomainError("invalid", "This is not the name of a mailbox");
    return id;
  }

  #walk(path: string): { id: string | null; missing: string[] } {
    const levels = path.normalize("NFC").split("/");
    let id: string | null = null;
    for (const [index, level] of levels.entries()) {
      const siblings: readonly MailboxRow[] = this.#byParent.get(id) ?? [];
      const isInbox = index === 0 && level.toUpperCase() === "INBOX";
      const found = siblings.find((row) => (isInbox ? row.role === "inbox" : row.name === level));
      if (!found) return { id, missing: levels.slice(index) };
      id = found.id;
    }
    return { id, missing: [] };
  }
}
