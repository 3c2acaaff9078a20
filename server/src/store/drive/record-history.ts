import type { Transactor } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { prepare } from "../prepared.ts";

export type HistoryAction =
  | "created"
  | "overwritten"
  | "renamed"
  | "moved"
  | "trashed"
  | "restored"
  | "left" // to another account
  | "arrived"; // from another account

/** Where a node stood, and with which content. */
export interface NodeState {
  parentId: string;
  name: string;
  /** Null for a folder. */
  versionId: string | null;
}

export interface HistoryEntry {
  action: HistoryAction;
  nodeId: string;
  kind: "folder" | "file";
  /** Live files that it concerned: 1 for a file, those beneath for a folder. */
  files: number;
  /** Absent for a node that was not there. */
  before?: NodeState;
  /** Absent for a node that is not there any more. */
  after?: NodeState;
}

/** Who changed it, and by what they came. */
export interface HistoryActor {
  readonly viewer?: { readonly organizationId: string; readonly principalId: string } | undefined;
  readonly actor?:
    | {
        readonly device?: { readonly id: string } | undefined;
        readonly link?: { readonly id: string; readonly visitorName?: string | undefined } | undefined;
      }
    | undefined;
}

const insert = prepare<never>(
  "drive_history_insert",
  `INSERT INTO drive_history (organization_id, account_id, modseq, action, node_id, kind, files,
    parent_before, name_before, version_before, parent_after, name_after, version_after,
    actor_organization_id, actor_id, device_id, link_id, actor_name)
  VALUES ($1::uuid, $2::uuid, $3::bigint, $4, $5::uuid, $6, $7::bigint, $8::uuid, $9, $10::uuid, $11::uuid, $12, $13::uuid,
    $14::uuid, $15::uuid, $16::uuid, $17::uuid, $18)`,
);

export interface RecordedEntry extends HistoryEntry {
  accountId: string;
}

const recorded = new WeakMap<Transactor, RecordedEntry[]>();

/** What a transaction has written down so far. */
export function recordedIn(tx: Transactor): readonly RecordedEntry[] {
  return recorded.get(tx) ?? [];
}

/**
 * Writes down what a change did to a tree, in its transaction and under the lock of its feed. Nothing waits for it: the commit
 * fails with it.
 */
export function recordHistory(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  by: HistoryActor,
  entry: HistoryEntry,
): void {
  const { action, nodeId, kind, files, before, after } = entry;
  const entries = recorded.get(tx) ?? [];
  recorded.set(tx, entries);
  entries.push({ ...entry, accountId: key.accountId });
  tx.trail(
    insert.execute(tx, [
      ...[key.organizationId, key.accountId, modseq, action, nodeId, kind, files],
      ...[before?.parentId ?? null, before?.name ?? null, before?.versionId ?? null],
      ...[after?.parentId ?? null, after?.name ?? null, after?.versionId ?? null],
      ...[by.viewer?.organizationId ?? null, by.viewer?.principalId ?? null, by.actor?.device?.id ?? null],
      ...[by.actor?.link?.id ?? null, by.actor?.link?.visitorName ?? null],
    ]),
  );
}
