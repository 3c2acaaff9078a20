import type { Reader } from "../../store/database.ts";
import { readFeed } from "../../store/feed/take-modseq.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";

export type MailType = "Email" | "Mailbox" | "Thread";

export interface MailState {
  /** One opaque state for each JMAP type. */
  Email: string;
  Mailbox: string;
  Thread: string;
  SieveScript: string;
  /** Of the whole area. */
  modseq: number;
}

/** Where a client is in the feed; a page that ends inside a transaction's changes ends at an object. */
export interface StateToken {
  modseq: number;
  lastId: string | undefined;
}

/** The states of the account's mail for JMAP. */
export async function mailState(reader: Reader, access: AccountAccess): Promise<MailState> {
  const feed = await readFeed(reader, access, "mail");
  if (!feed) throw new DomainError("not_found", "This account has no mail");
  const write = (type: MailType | "SieveScript"): string =>
    writeState(access, { modseq: feed.typeModseq[type] ?? 0, lastId: undefined });
  return {
    Email: write("Email"),
    Mailbox: write("Mailbox"),
    Thread: write("Thread"),
    SieveScript: write("SieveScript"),
    modseq: feed.modseq,
  };
}

/** What others' accounts show depends on grants; one's own does not. */
function epochOf(access: AccountAccess): number {
  return access.isOwn ? 0 : access.grantsEpoch;
}

export function writeState(access: AccountAccess, { modseq, lastId }: StateToken): string {
  return `${epochOf(access)}-${modseq}${lastId === undefined ? "" : `.${lastId}`}`;
}

/** @throws DomainError `cannot_calculate_changes` when we did not write it, or grants have changed since */
export function readState(access: AccountAccess, state: string): StateToken {
  const match = /^(\d{1,15})-(\d{1,15})(?:\.([0-9a-f-]{36}))?$/.exec(state);
  if (!match || Number(match[1]) !== epochOf(access) || (match[3] !== undefined && !isUuid(match[3]))) {
    throw new DomainError("cannot_calculate_changes", "This state is unknown", { detail: state.slice(0, 100) });
  }
  return { modseq: Number(match[2]), lastId: match[3] };
}
