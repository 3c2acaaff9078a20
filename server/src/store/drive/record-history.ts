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
  `INSERT INTO drive_history (organization_id, account_id, modseq, actor_organization_id, actor_id, device_id, link_id, actor_name,
    action, node_id, kind, files, parent_before, name_before, version_before, parent_after, name_after, version_after)
  SELECT $1::uuid, $2::uuid, $3::bigint, $4::uuid, $5::uuid, $6::uuid, $7::uuid, $8, e.*
  FROM unnest($9::text[], $10::uuid[], $11::text[], $12::bigint[], $13::uuid[], $14::text[], $15::uuid[], $16::uuid[], $17::text[],
    $18::uuid[]) e`,
);

/** Of one statement. */
const slice = 5_000;

export interface RecordedEntry extends HistoryEntry {
  accountId: string;
}

const recorded = new WeakMap<Transactor, RecordedEntry[]>();

/** What a transaction has written down so far. */
export function recordedIn(tx: Transactor): readonly RecordedEntry[] {
  return recorded.get(tx) ?? [];
}

/**
 * Writes down what a change did to a tree, in its transaction and under the lock of its feed; in the order given. Nothing waits for
 * it: the commit fails with it.
 */
export function recordHistory(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  by: HistoryActor,
  ...entries: readonly HistoryEntry[]
): void {
  const known = recorded.get(tx) ?? [];
  recorded.set(tx, known);
  for (const entry of entries) known.push({ ...entry, accountId: key.accountId });
  insertHistory(tx, key, modseq, by, entries);
}

/** The same for what a person asked for as a whole, such as going back to a date: the brake counts none of it. */
export function recordUncounted(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  { viewer }: HistoryActor,
  entries: readonly HistoryEntry[],
): void {
  insertHistory(tx, key, modseq, { viewer }, entries);
}

function insertHistory(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  { viewer, actor }: HistoryActor,
  entries: readonly HistoryEntry[],
): void {
  for (let start = 0; start < entries.length; start += slice) {
    const part = entries.slice(start, start + slice);
    tx.trail(
      insert.execute(tx, [
        ...[key.organizationId, key.accountId, modseq, viewer?.organizationId ?? null, viewer?.principalId ?? null],
        ...[actor?.device?.id ?? null, actor?.link?.id ?? null, actor?.link?.visitorName ?? null],
        ...[part.map((each) => each.action), part.map((each) => each.nodeId), part.map((each) => each.kind)],
        part.map((each) => each.files),
        ...statesOf(part.map((each) => each.before)),
        ...statesOf(part.map((each) => each.after)),
      ]),
    );
  }
}

function statesOf(states: readonly (NodeState | undefined)[]): (string | null)[][] {
  return [
    states.map((state) => state?.parentId ?? null),
    states.map((state) => state?.name ?? null),
    states.map((state) => state?.versionId ?? null),
  ];
}
