import type { AccountAccess } from "../../domain/access/account-access.ts";
import { scriptQuota } from "../../domain/mail/filters/sieve-script.ts";
import type { ClientChannel } from "./client-channel.ts";
import type { ManageSieveDeps } from "./managesieve-deps.ts";
import { Refusal } from "./refusal.ts";

/** What is known of one client between its commands. */
export class Session {
  readonly channel: ClientChannel;
  readonly deps: ManageSieveDeps;
  failedLogins = 0;
  /** Set when the connection has to end after the current answer. */
  ended = false;
  #open: (() => Promise<AccountAccess>) | null = null;
  readonly #cleanups: (() => void)[] = [];

  constructor(channel: ClientChannel, deps: ManageSieveDeps) {
    this.channel = channel;
    this.deps = deps;
    this.#awaitSignIn();
  }

  get isSignedIn(): boolean {
    return this.#open !== null;
  }

  /** Passwords are only taken where nobody can read them. */
  get mayLogIn(): boolean {
    const { secure, fromLoopback } = this.channel;
    return secure || (fromLoopback && this.deps.settings.allowPlainAuthOnLoopback);
  }

  /** The account whose scripts are managed, with the rights of this moment. @throws Refusal before signing in */
  async access(): Promise<AccountAccess> {
    if (this.#open === null) throw new Refusal("You have to sign in first");
    return this.#open();
  }

  signIn(open: () => Promise<AccountAccess>): void {
    this.#open = open;
    this.channel.setLiteralLimit(scriptQuota.bytesOfOne);
    this.channel.onSilence(this.deps.settings.silenceTimeoutMs, true, () => this.channel.destroy());
  }

  /** UNAUTHENTICATE (RFC 5804 section 2.14.1). */
  signOut(): void {
    this.dispose();
    this.#open = null;
    this.channel.setLiteralLimit();
    this.#awaitSignIn();
  }

  #awaitSignIn(): void {
    this.channel.onSilence(this.deps.settings.loginTimeoutMs, false, () => this.channel.destroy());
  }

  onEnd(cleanup: () => void): void {
    this.#cleanups.push(cleanup);
  }

  /** Frees what the session holds. Idempotent. */
  dispose(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }
}
