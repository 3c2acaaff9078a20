import type { Program } from "./program.ts";

/** What a script asks of the world outside its message. */
export interface SieveHost {
  readonly now: Date;
  /** IANA name of the owner's time zone. */
  readonly timeZone: string;
  /** Exists and messages may be put in it (RFC 5490 section 3.1). */
  mailboxExists(name: string): boolean | Promise<boolean>;
  /** By the id of RFC 8474 (RFC 9042 section 5). */
  mailboxIdExists(id: string): boolean | Promise<boolean>;
  /** Of one mailbox, or of any of the account (RFC 8579 section 4). */
  specialUseExists(mailbox: string | undefined, attributes: readonly string[]): boolean | Promise<boolean>;
  /** Whether an id of `duplicate` was seen and is not forgotten yet. */
  wasSeen(id: string): boolean | Promise<boolean>;
  /** A script to include: undefined when there is none of the name. @throws SieveError when it does not compile */
  findScript(place: "personal" | "global", name: string): Program | undefined | Promise<Program | undefined>;
}
