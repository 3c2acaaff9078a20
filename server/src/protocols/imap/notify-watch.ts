import type { AccountAccess } from "../../domain/access/account-access.ts";
import { watchAccounts } from "../../domain/changes/watch-accounts.ts";
import { readAnnotationChanges } from "../../domain/mail/annotations/read-annotations.ts";
import { mailState } from "../../domain/mail/mail-state.ts";
import type { Mailbox } from "../../domain/mail/model.ts";
import { type EventGroup, isSelected, type NotifyEvent } from "../../formats/imap-syntax/parse-notify.ts";
import type { StatusItem } from "../../formats/imap-syntax/parse-status.ts";
import { writeList, writeMailbox, writeString, writeUntagged } from "../../formats/imap-syntax/write-response.ts";
import { type MailboxEntry, normalizeName, readMailboxTree } from "./mailbox-tree.ts";
import type { Session } from "./session.ts";
import { statusResponse } from "./status-response.ts";

type Listed = MailboxEntry & { readonly mailbox: Mailbox };

/** More than this at once is not told: the client has to look for itself. */
const MAX_LINES = 1000;

/**
 * What a client that sent NOTIFY (RFC 5465) is told of other mailboxes than the selected one. Nothing is read until an account has
 * moved; then its modseq says whether its mail has.
 */
export class NotifyWatch {
  readonly #session: Session;
  readonly #groups: readonly EventGroup[];
  #known = new Map<string, Listed>();
  /** Of each account, the modseq up to which all was told. */
  #modseqs = new Map<string, number>();
  #stopWatching: () => void = () => {};
  #touched = false;
  #accessTouched = false;

  constructor(session: Session, groups: readonly EventGroup[]) {
    this.#session = session;
    this.#groups = groups.filter(({ filter }) => !isSelected(filter));
  }

  /** Begins; with `status` the state of each mailbox of which messages are told comes first (section 3.1). */
  async start(status: boolean): Promise<void> {
    const accounts = await this.#session.accounts();
    this.#watch(accounts);
    this.#modseqs = await this.#readModseqs(accounts);
    this.#known = await this.#readMailboxes();
    if (!status) return;
    for (const entry of this.#known.values()) {
      if (!this.#wants(entry, "MessageNew") || entry.mailbox.id === this.#session.selected?.id) continue;
      await this.#sendStatus(entry, ["MESSAGES", "UIDNEXT", "UIDVALIDITY"]);
      await this.#session.channel.flushSome();
    }
  }

  /** What the person may reach has changed. */
  touchAccess(): void {
    this.#accessTouched = true;
    this.#session.host.tellChanges();
  }

  close(): void {
    this.#stopWatching();
  }

  /**
   * Tells what has happened since the last time.
   * @returns false when it was too much: the client was told so, and nothing more will be
   */
  async tell(): Promise<boolean> {
    if (!this.#touched && !this.#accessTouched) return true;
    const accessMoved = this.#accessTouched;
    this.#touched = false;
    this.#accessTouched = false;
    try {
      return await this.#tellSince(accessMoved);
    } catch (error) {
      this.#touched = true;
      this.#accessTouched ||= accessMoved;
      throw error;
    }
  }

  async #tellSince(accessMoved: boolean): Promise<boolean> {
    const accounts = await this.#session.accounts();
    if (accessMoved) this.#watch(accounts);
    // Before the mailboxes: what moves in between is told again, not missed.
    const modseqs = await this.#readModseqs(accounts);
    const moved = accounts.filter(({ accountId }) => modseqs.get(accountId) !== this.#modseqs.get(accountId));
    if (moved.length === 0 && !accessMoved) return true;
    const before = this.#known;
    const now = await this.#readMailboxes();
    const lines = [...(await this.#namesAndCounts(before, now)), ...(await this.#annotations(moved, now))];
    this.#known = now;
    this.#modseqs = modseqs;
    if (lines.length > MAX_LINES) return false;
    for (const line of lines) {
      this.#session.channel.send(line);
      await this.#session.channel.flushSome();
    }
    return true;
  }

  #watch(accounts: readonly AccountAccess[]): void {
    this.#stopWatching();
    const ids = accounts.map(({ accountId }) => accountId);
    this.#stopWatching = watchAccounts(this.#session.deps.mail.store.hints, ids, () => {
      this.#touched = true;
      this.#session.host.tellChanges();
    });
  }

  async #readModseqs(accounts: readonly AccountAccess[]): Promise<Map<string, number>> {
    const { store } = this.#session.deps.mail;
    const modseqs = new Map<string, number>();
    for (const access of accounts) modseqs.set(access.accountId, (await mailState(store.read, access)).modseq);
    return modseqs;
  }

  async #readMailboxes(): Promise<Map<string, Listed>> {
    const known = new Map<string, Listed>();
    for (const entry of (await readMailboxTree(this.#session)).values()) {
      if (entry.mailbox !== null) known.set(entry.mailbox.id, { ...entry, mailbox: entry.mailbox });
    }
    return known;
  }

  async #namesAndCounts(before: ReadonlyMap<string, Listed>, now: ReadonlyMap<string, Listed>): Promise<string[]> {
    const lines: string[] = [];
    for (const [id, old] of before) {
      if (!now.has(id) && this.#wants(old, "MailboxName")) lines.push(this.#listLine(old, ["\\NonExistent"]));
    }
    for (const [id, entry] of now) {
      const old = before.get(id);
      const renamed = old !== undefined && old.name !== entry.name;
      const isNamed =
        (old === undefined || renamed) &&
        (this.#wants(entry, "MailboxName") || (old !== undefined && this.#wants(old, "MailboxName")));
      if (isNamed) lines.push(this.#listLine(entry, subscribed(entry), renamed ? old?.name : undefined));
      if (old === undefined) continue;
      const isMoved = old.mailbox.isSubscribed !== entry.mailbox.isSubscribed;
      if (isMoved && !isNamed && this.#wants(entry, "SubscriptionChange", old)) {
        lines.push(this.#listLine(entry, subscribed(entry)));
      }
      const items = id === this.#session.selected?.id ? [] : this.#statusItems(old, entry);
      if (items.length > 0) lines.push(await statusResponse(this.#session, entry, items));
      if (lines.length > MAX_LINES) break;
    }
    return lines;
  }

  /** What STATUS has to say of what happened to the messages of a mailbox (section 5). */
  #statusItems(old: Listed, { mailbox, ...entry }: Listed): StatusItem[] {
    const was = old.mailbox;
    if (was.highestModseq === mailbox.highestModseq && was.unseen === mailbox.unseen) return [];
    const modseq: StatusItem[] = this.#session.condstore ? ["HIGHESTMODSEQ"] : [];
    if (was.uidnext !== mailbox.uidnext || was.total !== mailbox.total) {
      if (!this.#wants({ ...entry, mailbox }, "MessageNew")) return [];
      return ["MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN", ...modseq];
    }
    if (!this.#wants({ ...entry, mailbox }, "FlagChange")) return [];
    if (modseq.length === 0 && was.unseen === mailbox.unseen) return [];
    return ["UIDVALIDITY", "UNSEEN", ...modseq];
  }

  async #annotations(moved: readonly AccountAccess[], now: ReadonlyMap<string, Listed>): Promise<string[]> {
    const wanted = this.#groups.some(
      ({ events }) => events.has("MailboxMetadataChange") || events.has("ServerMetadataChange"),
    );
    if (!wanted) return [];
    const lines: string[] = [];
    for (const access of moved) {
      const since = this.#modseqs.get(access.accountId);
      if (since === undefined) continue;
      const changes = await readAnnotationChanges(this.#session.deps.mail.store.read, access, since);
      const byMailbox = Map.groupBy(changes, ({ mailboxId }) => mailboxId);
      for (const [mailboxId, each] of byMailbox) {
        const entry = mailboxId === null ? undefined : now.get(mailboxId);
        const isWanted =
          mailboxId === null
            ? this.#session.isPersonal(access) && this.#groups.some(({ events }) => events.has("ServerMetadataChange"))
            : entry !== undefined && this.#wants(entry, "MailboxMetadataChange");
        if (!isWanted) continue;
        const names = each.map(({ isPrivate, name }) => `${isPrivate ? "/private" : "/shared"}${name}`);
        const written = names.map((name) => (/[^!#-'+-[\]-z|}~]/.test(name) ? writeString(name) : name));
        lines.push(
          writeUntagged(`METADATA ${writeMailbox(entry?.name ?? "", this.#session.utf8)} ${written.join(" ")}`),
        );
      }
    }
    return lines;
  }

  #listLine(entry: Listed, attributes: readonly string[], oldName?: string): string {
    const { utf8 } = this.#session;
    const extended = oldName === undefined ? "" : ` ("OLDNAME" (${writeMailbox(oldName, utf8)}))`;
    return writeUntagged(`LIST ${writeList(attributes)} "/" ${writeMailbox(entry.name, utf8)}${extended}`);
  }

  async #sendStatus(entry: Listed, items: StatusItem[]): Promise<void> {
    const modseq: StatusItem[] = this.#session.condstore ? ["HIGHESTMODSEQ"] : [];
    this.#session.channel.send(await statusResponse(this.#session, entry, [...items, ...modseq]));
  }

  /** The first group that names a mailbox decides (section 6); `old` is the mailbox before, which it may have named alone. */
  #wants(entry: Listed, event: NotifyEvent, old?: Listed): boolean {
    const group = this.#groups.find((each) => matches(each, entry) || (old !== undefined && matches(each, old)));
    return group?.events.has(event) ?? false;
  }
}

function matches({ filter }: EventGroup, { name, isPersonal, mailbox }: Listed): boolean {
  switch (filter.kind) {
    // Messages may be delivered to any mailbox, by the person's filters.
    case "inboxes":
    case "personal":
      return isPersonal;
    case "subscribed":
      return mailbox.isSubscribed;
    case "mailboxes":
      return filter.names.some((each) => normalizeName(each) === name);
    case "subtree":
      return filter.names.some((each) => `${name}/`.startsWith(`${normalizeName(each)}/`));
    default:
      return false;
  }
}

function subscribed({ mailbox }: Listed): string[] {
  return mailbox.isSubscribed ? ["\\Subscribed"] : [];
}
