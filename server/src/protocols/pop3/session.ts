import type { AccountAccess } from "../../domain/access/account-access.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import type { Maildrop } from "../../domain/mail/open-maildrop.ts";
import type { LineChannel } from "./line-channel.ts";
import type { Pop3Deps } from "./pop3-deps.ts";
import { Refusal } from "./refusal.ts";

/** The maildrop of one session in the TRANSACTION state (RFC 1939 section 5). */
export interface Transaction {
  readonly viewer: Viewer;
  /** As of the last time that rights changed. */
  access: AccountAccess;
  readonly maildrop: Maildrop;
  /** Numbers less one. */
  readonly deleted: Set<number>;
  readonly retrieved: Set<number>;
}

/** What is known of one client between its commands. */
export class Session {
  readonly channel: LineChannel;
  readonly deps: Pop3Deps;
  /** The name given by USER, until PASS. */
  userName: string | undefined;
  transaction: Transaction | null = null;
  failedLogins = 0;
  /** Set when the connection has to end after the current answer. */
  ended = false;
  readonly #cleanups: (() => void)[] = [];

  constructor(channel: LineChannel, deps: Pop3Deps) {
    this.channel = channel;
    this.deps = deps;
  }

  /** Passwords are only taken where nobody can read them. */
  get mayLogIn(): boolean {
    const { secure, fromLoopback } = this.channel;
    return secure || (fromLoopback && this.deps.settings.allowPlainAuthOnLoopback);
  }

  onEnd(cleanup: () => void): void {
    this.#cleanups.push(cleanup);
  }

  /** Frees what the session holds. Idempotent. */
  dispose(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }
}

/**
 * The index of a message named by its number.
 * @throws Refusal when there is none, or it is marked as deleted
 */
export function indexOf({ maildrop, deleted }: Transaction, argument: string): number {
  const index = /^\d{1,9}$/.test(argument) ? Number(argument) - 1 : -1;
  if (index < 0 || index >= maildrop.uids.length) throw new Refusal("There is no such message");
  if (deleted.has(index)) throw new Refusal("That message is marked as deleted");
  return index;
}

/** Those not marked as deleted. */
export function* remaining({ maildrop, deleted }: Transaction): Generator<number> {
  for (let index = 0; index < maildrop.uids.length; index++) if (!deleted.has(index)) yield index;
}
