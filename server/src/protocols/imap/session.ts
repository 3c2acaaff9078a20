import type { AccountAccess } from "../../domain/access/account-access.ts";
import { mayRead } from "../../domain/access/mailbox-rights.ts";
import { type AccessWatch, watchAccess } from "../../domain/access/watch-access.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import {
  LIMITS_AFTER_AUTHENTICATION,
  LIMITS_BEFORE_AUTHENTICATION,
  type ReaderLimits,
} from "../../formats/imap-syntax/command-reader.ts";
import type { FetchItem } from "../../formats/imap-syntax/parse-fetch.ts";
import type { NumberRange } from "../../formats/imap-syntax/sequence-set.ts";
import { writeStatusLine } from "../../formats/imap-syntax/write-response.ts";
import type { ClientChannel } from "./client-channel.ts";
import type { ImapDeps } from "./imap-deps.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";

/** Extensions that change what the server says once the client has named them. */
export type Enabled = "IMAP4rev2" | "CONDSTORE" | "QRESYNC" | "UTF8=ACCEPT";

/** RFC 7888 section 5. */
const LITERAL_MINUS_BYTES = 4096;

/** How far a long command has come, as far as that is known (RFC 9585). */
export interface Progress {
  done: number | null;
  total: number | null;
}

/** What may be asked at any moment of whoever runs the session; it is done between two commands. */
export interface SessionHost {
  /** Tells the client in IDLE what has changed. */
  tellChanges(): void;
  /** Sends a line that says nothing to the client in IDLE. */
  keepAlive(): void;
  /** Says goodbye and closes. */
  bye(text: string): void;
}

/** Tells of other mailboxes than the selected one: see NotifyWatch. */
interface Notifier {
  tell(): Promise<boolean>;
  touchAccess(): void;
  close(): void;
}

/** What is told of the selected mailbox as soon as it is known (RFC 5465 section 6). */
export interface SelectedEvents {
  /** Whether anything is. */
  readonly tells: boolean;
  /** Also outside IDLE and before the next command: the client does without sequence numbers. */
  readonly expunges: boolean;
  readonly flags: boolean;
  /** Of new messages. */
  readonly fetch: readonly FetchItem[] | null;
}

/** What is known of one client between its commands. */
export class Session {
  readonly channel: ClientChannel;
  readonly deps: ImapDeps;
  readonly host: SessionHost;
  readonly enabled = new Set<Enabled>();
  selected: SelectedMailbox | null = null;
  /** UIDs kept by SEARCH RETURN (SAVE), in ascending ranges (RFC 5182). */
  savedSearch: readonly NumberRange[] = [];
  /** True while IDLE runs: changes may be told at any time. */
  idling = false;
  /** Set when the connection has to end after the current response. */
  ended = false;
  failedLogins = 0;
  /** Of the command that runs; it may say how far it is. */
  progress: Progress = { done: null, total: null };
  #viewer: Viewer | null = null;
  #openedAccountId: string | null = null;
  #access: AccessWatch | null = null;
  #notified: { watch: Notifier | null; selected: SelectedEvents } | null = null;
  readonly #cleanups = new Set<() => void>();

  constructor(channel: ClientChannel, deps: ImapDeps, host: SessionHost) {
    this.channel = channel;
    this.deps = deps;
    this.host = host;
    this.#awaitSignIn();
  }

  /** Who is signed in; null before. */
  get viewerOrNull(): Viewer | null {
    return this.#viewer;
  }

  /** Who is signed in, in a command that is only allowed then. */
  get viewer(): Viewer {
    if (this.#viewer === null) throw new Error("nobody is signed in");
    return this.#viewer;
  }

  /** Names and quoted strings travel as UTF-8 (RFC 9051, RFC 6855). */
  get utf8(): boolean {
    return this.rev2 || this.enabled.has("UTF8=ACCEPT");
  }

  /** SEARCH is answered by ESEARCH, and RECENT is gone. */
  get rev2(): boolean {
    return this.enabled.has("IMAP4rev2");
  }

  get condstore(): boolean {
    return this.enabled.has("CONDSTORE");
  }

  get qresync(): boolean {
    return this.enabled.has("QRESYNC");
  }

  /** RFC 7162 section 3.1: several commands enable CONDSTORE by being used; the client has to know from where it counts. */
  enableCondstore(): void {
    if (this.condstore) return;
    this.enabled.add("CONDSTORE");
    const { selected } = this;
    if (selected !== null) this.channel.send(writeStatusLine("OK", "Highest.", `HIGHESTMODSEQ ${selected.modseq}`));
  }

  /** Passwords are only taken where nobody can read them. */
  get mayLogIn(): boolean {
    const { secure, fromLoopback } = this.channel;
    return secure || (fromLoopback && this.deps.settings.allowPlainAuthOnLoopback);
  }

  /** @param openedAccountId the account that the client opened as a login of its own, by default the person's */
  signIn(viewer: Viewer, openedAccountId: string | null = null): void {
    this.#viewer = viewer;
    this.#openedAccountId = openedAccountId;
    const watch = watchAccess(this.deps.mail.store, viewer, () => this.#recheck());
    this.#access = watch;
    this.onEnd(() => watch.close());
    this.#limit(LIMITS_AFTER_AUTHENTICATION);
    this.channel.onSilence(this.deps.settings.silenceTimeoutMs, true, () =>
      this.host.bye("You were silent for too long."),
    );
  }

  /** Goes back to where nobody is signed in, with nothing enabled (RFC 8437 section 4). */
  signOut(): void {
    this.dispose();
    this.#viewer = null;
    this.enabled.clear();
    this.#awaitSignIn();
  }

  #awaitSignIn(): void {
    this.#limit(LIMITS_BEFORE_AUTHENTICATION);
    const { loginTimeoutMs } = this.deps.settings;
    this.channel.onSilence(loginTimeoutMs, false, () => this.host.bye("You did not sign in in time."));
  }

  #limit(limits: ReaderLimits): void {
    const { literalMinus } = this.deps.settings;
    this.channel.reader.setLimits(literalMinus ? { ...limits, unasked: LITERAL_MINUS_BYTES } : limits);
  }

  /** Takes what NOTIFY asked for; null for the watch when nothing is to be told of other mailboxes. */
  notify(watch: Notifier | null, selected: SelectedEvents): void {
    this.#notified?.watch?.close();
    this.#notified = { watch, selected };
  }

  /** What NOTIFY asked to be told of the selected mailbox; null before NOTIFY. */
  get selectedEvents(): SelectedEvents | null {
    return this.#notified?.selected ?? null;
  }

  /** What tells of other mailboxes, if NOTIFY asked for it. */
  get notifyWatch(): Notifier | null {
    return this.#notified?.watch ?? null;
  }

  get tellsAtOnce(): boolean {
    return this.#notified === null ? this.idling : this.#notified.selected.tells;
  }

  /** The accounts that the client sees: those of the person, or the one opened as a login of its own. */
  async accounts(): Promise<readonly AccountAccess[]> {
    const all = (await this.#access?.list()) ?? [];
    return this.#openedAccountId === null ? all : all.filter(({ accountId }) => accountId === this.#openedAccountId);
  }

  /** An account as it is now: a mailbox just made may have brought rights with it. */
  async reread(access: AccountAccess): Promise<AccountAccess> {
    return (await this.accounts()).find(({ accountId }) => accountId === access.accountId) ?? access;
  }

  /** Whether the account's mailboxes are the personal ones, which stand at the root. */
  isPersonal(access: AccountAccess): boolean {
    return this.#openedAccountId === null ? access.isOwn : access.accountId === this.#openedAccountId;
  }

  /** True when the client signed in as a shared mailbox: it sees nothing else. */
  get isOpened(): boolean {
    return this.#openedAccountId !== null;
  }

  /** Whether what was opened and what is selected may still be read. */
  async keepsRights(): Promise<boolean> {
    if (this.isOpened && (await this.accounts()).length === 0) return false;
    return this.refreshAccess();
  }

  /** Rights have come or gone: also a client in IDLE has to lose what is not its own any more. */
  #recheck(): void {
    this.#notified?.watch?.touchAccess();
    this.keepsRights().then(
      (keeps) => {
        if (!keeps) this.host.bye("Your access was revoked.");
      },
      (error: unknown) => this.deps.log.warn({ error }, "an access could not be checked again"),
    );
  }

  /**
   * Takes over what has changed in the rights on the selected mailbox; to be called before each command, and costs nothing then
   * unless something may have changed.
   * @returns false when it may not be read any more
   */
  async refreshAccess(): Promise<boolean> {
    const { selected } = this;
    const watch = this.#access;
    if (selected === null || watch === null) return true;
    const { generation } = watch;
    if (selected.accessGeneration === generation) return true;
    const access = (await this.accounts()).find(({ accountId }) => accountId === selected.access.accountId);
    if (access === undefined || !mayRead(access, selected.id)) return false;
    selected.access = access;
    selected.accessGeneration = generation;
    return true;
  }

  /** Calls back when the session ends, whatever the reason; returns the function that gives this up. */
  onEnd(cleanup: () => void): () => void {
    this.#cleanups.add(cleanup);
    return () => this.#cleanups.delete(cleanup);
  }

  /** Leaves the selected mailbox; nothing is expunged. */
  deselect(): void {
    this.selected?.close();
    this.selected = null;
    this.savedSearch = [];
  }

  /** Frees what the session holds. Idempotent. */
  dispose(): void {
    this.deselect();
    this.#notified?.watch?.close();
    this.#notified = null;
    for (const cleanup of this.#cleanups) cleanup();
    this.#cleanups.clear();
  }
}
