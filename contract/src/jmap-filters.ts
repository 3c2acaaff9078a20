import type { Id, SetError, UTCDate } from "./jmap.ts";

/*
 * Filters of a mailbox: Sieve scripts (RFC 9661), the answer of somebody who is away (RFC 8621 section 8), and, as an extension of our
 * own, rules that a screen shows. All three are the same thing: the active script.
 */

/** RFC 9661 section 2. The content is a blob: read it at `downloadUrl`, upload a new one to change it. */
export interface SieveScript {
  id: Id;
  name: string;
  blobId: Id;
  isActive: boolean;
}

/** RFC 8621 section 8: one for each account, with the id `singleton`. */
export interface VacationResponse {
  id: "singleton";
  isEnabled: boolean;
  fromDate: UTCDate | null;
  toDate: UTCDate | null;
  subject: string | null;
  textBody: string | null;
  htmlBody: string | null;
}

/** Rules as a screen shows them. Lines of texts end with LF. */
export interface FilterRules {
  vacation: VacationRule | null;
  forward: ForwardRule | null;
  /** In the order they are tried. */
  rules: FilterRule[];
}

export interface VacationRule {
  isEnabled: boolean;
  from: UTCDate | null;
  until: UTCDate | null;
  /** Null: made from the subject of the message. */
  subject: string | null;
  text: string;
  html: string | null;
  /** Between two answers to one sender: 1 to 90. */
  days: number;
}

export interface ForwardRule {
  /** 1 to 3. */
  addresses: string[];
  /** False: the message is sent on and not kept, and no rule is tried. */
  keepsCopy: boolean;
}

export interface FilterRule {
  name: string;
  isEnabled: boolean;
  match: "all" | "any";
  /** None: every message. */
  conditions: FilterCondition[];
  actions: FilterAction[];
  /** No rule after it is tried on a message that it takes. */
  stops: boolean;
}

export type FilterCondition =
  | {
      /** `recipient` is To, Cc or Resent-To. */
      field: "from" | "to" | "cc" | "recipient" | "subject" | "body" | "header";
      /** With `header`: its name, kept in lower case. */
      header?: string;
      operator: "contains" | "is" | "startsWith" | "endsWith";
      value: string;
      isNegated: boolean;
    }
  | { field: "size"; operator: "over" | "under"; bytes: number }
  /** Comes from a mailing list. */
  | { field: "list"; isNegated: boolean };

export type FilterAction =
  /** `mailbox` is the path, levels separated by a slash, tried when there is no mailbox of the id any more. */
  | { kind: "move" | "copy"; mailboxId: Id; mailbox: string }
  /** IMAP's spelling: `\Seen`, `\Flagged`, `$label1`. */
  | { kind: "flag"; flags: string[] }
  | { kind: "forward"; address: string }
  | { kind: "discard" }
  | { kind: "reject"; text: string };

/** Of `FilterRules/get`. */
export interface FilterRulesState {
  accountId: Id;
  /** Moves with every change of the account's scripts. */
  state: string;
  /** `script`: a person wrote the active script, and `rules` is null. */
  kind: "rules" | "script";
  /** Of the active script; null when there is none. */
  scriptName: string | null;
  rules: FilterRules | null;
}

/** Of `FilterRules/set`. */
export interface FilterRulesUpdate {
  accountId: Id;
  oldState: string;
  newState: string;
  /**
   * Null: done. `forbidden`: a person wrote the active script, or the right to manage the mailbox is missing. `invalidProperties`: the
   * first of `properties` is the path of what is wrong, such as `rules/0/conditions/1/value`.
   */
  error: SetError | null;
}
