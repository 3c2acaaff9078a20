import type { RawCommand } from "../../formats/imap-syntax/raw-command.ts";
import type { Session } from "./session.ts";

/** The tagged OK of a command. */
export interface Completion {
  readonly text: string;
  /** Response code without brackets; a function is asked once the changes of others were told. */
  readonly code?: string | undefined | (() => string | undefined);
  /** Runs when the tagged OK has been sent: STARTTLS. */
  readonly afterwards?: () => Promise<void>;
}

/** The command goes on with the client's next line, which is not a command: IDLE and AUTHENTICATE. */
export interface Waiting {
  readonly waitForLine: (line: string) => Promise<Outcome>;
}

export type Outcome = Completion | Waiting;

/**
 * When what others changed in the selected mailbox is told, before the tagged response: `always` reads it,
 * `when-hinted` reads it only if something is known to have changed, `never` is for the commands during which
 * no EXPUNGE may be sent because the client still counts in sequence numbers (RFC 9051 section 7.5.1).
 */
export type Updates = "always" | "when-hinted" | "never";

export interface Command {
  /** Where it is allowed. */
  readonly state: "any" | "not-authenticated" | "authenticated" | "selected";
  readonly updates: Updates;
  /** That it still runs may be said at any time, because it writes whole responses only (RFC 9585). */
  readonly mayTakeLong?: true;
  /** Throws BadSyntax, Refusal or DomainError for the tagged BAD or NO. */
  readonly run: (session: Session, command: RawCommand) => Promise<Outcome>;
}
