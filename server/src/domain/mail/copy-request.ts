import type { AccountAccess } from "../access/account-access.ts";

export interface CopyRequest {
  fromMailboxId: string;
  uids: readonly number[];
  toMailboxId: string;
  /** The target's account when it is another one, of any organization. */
  toAccess?: AccountAccess;
}

export interface CopiedMessages {
  /** Of the target. */
  uidvalidity: number;
  /** Source uid, target uid; ascending. Uids that do not exist are left out. */
  pairs: [number, number][];
  modseq: number;
}
