import type { Viewer } from "../../domain/identity/viewer.ts";
import { LIMITS_AFTER_AUTHENTICATION } from "../../formats/imap-syntax/command-reader.ts";
import type { NumberRange } from "../../formats/imap-syntax/sequence-set.ts";
import type { ClientChannel } from "./client-channel.ts";
import type { ImapDeps } from "./imap-deps.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";

/** Extensions that change what the server says once the client has named them. */
export type Enabled = "IMAP4rev2" | "CONDSTORE" | "QRESYNC" | "UTF8=ACCEPT";

/** What may be asked at any moment of whoever runs the session; it is done between two commands. */
export interface SessionHost {
  /** Tells the client in IDLE what has changed. */
  tellChanges(): void;
  /** Sends a line that says nothing to the client in IDLE. */
  keepAlive(): void;
  /** Says goodbye and closes. */
  bye(text: string): void;
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
  #viewer: Viewer | null = null;
  readonly #cleanups = new Set<() => void>();

  constructor(channel: ClientChannel, deps: ImapDeps, host: SessionHost) {
    this.channel = channel;
    this.deps = deps;
    this.host = host;
    channel.onSilence(deps.settings.loginTimeoutMs, false, () => host.bye("You did not sign in in time."));
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

  /** RFC 7162 section 3.1: several commands enable CONDSTORE by being used. */
  enableCondstore(): void {
    this.enabled.add("CONDSTORE");
  }

  /** Passwords are only taken where nobody can read them. */
  get mayLogIn(): boolean {
    const { secure, fromLoopback } = this.channel;
    return secure || (fromLoopback && this.deps.settings.allowPlainAuthOnLoopback);
  }

  signIn(viewer: Viewer): void {
    this.#viewer = viewer;
    this.channel.reader.setLimits(LIMITS_AFTER_AUTHENTICATION);
    this.channel.onSilence(this.deps.settings.silenceTimeoutMs, true, () =>
      this.host.bye("You were silent for too long."),
    );
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
    for (const cleanup of this.#cleanups) cleanup();
    this.#cleanups.clear();
  }
}
