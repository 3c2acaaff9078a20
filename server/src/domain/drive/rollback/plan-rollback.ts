import { setImmediate as nextTurn } from "node:timers/promises";
import type { Reader } from "../../../store/database.ts";
import {
  type Ancestor,
  type ChangedNode,
  readAncestors,
  readChangedNodes,
  readKeptVersions,
} from "../../../store/drive/read-changed-nodes.ts";
import type { NodeState } from "../../../store/drive/record-history.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { DomainError } from "../../errors.ts";

export type PresentNode = ChangedNode & { now: NonNullable<ChangedNode["now"]> };

/** A node that goes back to a place it had. */
export interface PlannedPlace {
  node: PresentNode;
  to: NodeState;
  /** In the trash now, itself or by a folder above it. */
  isBack: boolean;
  /** Its place is not beneath the folder that is rolled back, and may be taken or gone. */
  isElsewhere: boolean;
}

export interface PlannedContent {
  node: ChangedNode;
  versionId: string;
}

/** Why something cannot be as it was. */
export type LeftReason =
  | "moved_away" // it is in another space now, where it can be found
  | "content_gone" // its content of then is not kept any more
  | "gone" // nothing is left of it
  | "holds_this"; // it is above the folder that is rolled back now

export interface RollbackPlan {
  places: PlannedPlace[];
  contents: PlannedContent[];
  /** What was not there: it goes to the trash. Unseen is what is beneath a folder there, which comes back without it. */
  trash: { node: PresentNode; isSeen: boolean }[];
  left: { node: ChangedNode; reason: LeftReason }[];
  /** False when the folder itself was not there: all that it holds came since. */
  wasThere: boolean;
  /** Names from the root, for words. */
  pathOf(id: string, when: "was" | "now"): string[];
}

/** Beyond that a moment that is nearer must be chosen. */
const mostNodes = 200_000;
/** Nodes looked at in one go: the others who use the program come in between. */
const pace = 2_000;

/**
 * Works out what brings a folder, or the whole space when it is the root, back to how it was before `fromModseq`: of each node that
 * changed since, the first change tells how it was. Nodes without any are as they were.
 * @throws DomainError `too_large` when too much changed since
 */
export async function planRollback(
  reader: Reader,
  account: AccountKey & { rootId: string },
  scopeId: string,
  fromModseq: number,
): Promise<RollbackPlan> {
  const changed = await readChangedNodes(reader, account, fromModseq, mostNodes + 1);
  if (changed.length > mostNodes) throw new DomainError("too_large", "Too much has changed since then");
  const byId = new Map(changed.map((node) => [node.id, node]));
  const starts = new Set([scopeId]);
  for (const { was, now } of changed) {
    if (was) starts.add(was.parentId);
    if (now?.parentId) starts.add(now.parentId);
  }
  const ancestors = await readAncestors(reader, account.organizationId, [...starts]);
  const tree = new TwoTrees(account, byId, ancestors);
  const plan: RollbackPlan = {
    places: [],
    contents: [],
    trash: [],
    left: [],
    wasThere: tree.isLive(scopeId, "was"),
    pathOf: (id, when) => tree.path(id, when),
  };
  const above = new Set(tree.chain(scopeId, "now"));
  for (const [index, node] of changed.entries()) {
    if (index % pace === pace - 1) await nextTurn();
    if (tree.isBeneath(node.id, scopeId, "was")) planPresence(plan, tree, node, above);
  }
  const places = new Map(plan.places.map((each) => [each.node.id, each]));
  for (const [index, node] of changed.entries()) {
    if (index % pace === pace - 1) await nextTurn();
    if (!tree.isBeneath(node.id, scopeId, "was")) planAbsence(plan, tree, places, node, scopeId);
  }
  plan.trash = topmost(plan.trash);
  await placeWhatLostItsFolder(plan, tree, scopeId);
  await leaveWhatIsNotKept(reader, account, plan);
  return plan;
}

/** For what was in the folder. */
function planPresence(plan: RollbackPlan, tree: TwoTrees, node: ChangedNode, above: ReadonlySet<string>): void {
  const { was: to, now } = node as ChangedNode & { was: NodeState };
  if (!now || now.state === "purged") return void plan.left.push({ node, reason: "gone" });
  if (now.accountId !== tree.accountId) return void plan.left.push({ node, reason: "moved_away" });
  if (above.has(node.id)) return void plan.left.push({ node, reason: "holds_this" });
  const isThere = now.state === "live" && now.parentId === to.parentId && now.name === to.name;
  const isBack = !tree.isLive(node.id, "now");
  if (!isThere) plan.places.push({ node: { ...node, now }, to, isBack, isElsewhere: false });
  if (node.kind === "file" && to.versionId !== null && to.versionId !== now.versionId) {
    plan.contents.push({ node, versionId: to.versionId });
  }
}

/** For what was not: it is there now, or would come with a folder that comes back. */
function planAbsence(
  plan: RollbackPlan,
  tree: TwoTrees,
  places: ReadonlyMap<string, PlannedPlace>,
  node: ChangedNode,
  scopeId: string,
): void {
  const { was, now } = node;
  if (node.id === scopeId || now?.state !== "live" || now.accountId !== tree.accountId) return;
  const isSeen = tree.isBeneath(node.id, scopeId, "now");
  let at: string | null | undefined = node.id;
  for (let level = 0; at && at !== scopeId && level < 1_000; level++) {
    at = places.get(at)?.to.parentId ?? tree.parentNow(at);
  }
  if (!isSeen && at !== scopeId) return;
  const present = { ...node, now };
  if (was && tree.isLive(node.id, "was")) {
    plan.places.push({ node: present, to: was, isBack: !isSeen, isElsewhere: true });
  } else plan.trash.push({ node: present, isSeen });
}

/** A folder that cannot come back itself holds nothing: what was in it goes to the top. */
async function placeWhatLostItsFolder(plan: RollbackPlan, tree: TwoTrees, scopeId: string): Promise<void> {
  const places = new Map(plan.places.map((each) => [each.node.id, each]));
  const gone = new Set(plan.trash.map(({ node }) => node.id));
  const parentOf = (id: string): string | null | undefined =>
    places.get(id)?.to.parentId ?? (gone.has(id) ? undefined : tree.parentNow(id));
  for (const [index, place] of plan.places.entries()) {
    if (index % pace === pace - 1) await nextTurn();
    let at: string | null | undefined = place.to.parentId;
    for (let level = 0; at !== null && at !== undefined && level < 1_000; level++) at = parentOf(at);
    if (at === null) continue;
    place.to = { ...place.to, parentId: scopeId };
    place.isElsewhere = true;
  }
}

/** What lies beneath a folder that goes to the trash goes with it. */
function topmost(trash: RollbackPlan["trash"]): RollbackPlan["trash"] {
  const ids = new Set(trash.map(({ node }) => node.id));
  return trash.filter(({ node }) => !ids.has(node.now.parentId!));
}

async function leaveWhatIsNotKept(reader: Reader, account: AccountKey, plan: RollbackPlan): Promise<void> {
  const wanted = plan.contents.map((each) => each.versionId);
  const kept = await readKeptVersions(reader, account.organizationId, wanted);
  for (const { node, versionId } of plan.contents) {
    if (!kept.has(versionId)) plan.left.push({ node, reason: "content_gone" });
  }
  plan.contents = plan.contents.filter(({ versionId }) => kept.has(versionId));
}

/** The tree as it is, and as it was: the same but for what changed. */
class TwoTrees {
  readonly accountId: string;
  readonly #rootId: string;
  readonly #changed: ReadonlyMap<string, ChangedNode>;
  readonly #ancestors: ReadonlyMap<string, Ancestor>;
  /** Of each tree, what was found of a node before. */
  readonly #live = { was: new Map<string, boolean>(), now: new Map<string, boolean>() };
  readonly #beneath = { was: new Map<string, boolean>(), now: new Map<string, boolean>() };

  constructor(
    account: { accountId: string; rootId: string },
    changed: ReadonlyMap<string, ChangedNode>,
    ancestors: ReadonlyMap<string, Ancestor>,
  ) {
    this.accountId = account.accountId;
    this.#rootId = account.rootId;
    this.#changed = changed;
    this.#ancestors = ancestors;
  }

  /** Undefined for what is (was) nowhere. */
  #place(id: string, when: "was" | "now"): { parentId: string | null; name: string } | undefined {
    const changed = this.#changed.get(id);
    if (changed && when === "was") return changed.was;
    const row = changed?.now ?? this.#ancestors.get(id);
    return row && row.state === "live" && row.accountId === this.accountId ? row : undefined;
  }

  /** Null for the root, undefined for what is nowhere. */
  parentNow(id: string): string | null | undefined {
    return this.#place(id, "now")?.parentId;
  }

  isLive(id: string, when: "was" | "now"): boolean {
    return this.#climb(id, when, this.#rootId, this.#live[when]);
  }

  /** Live, and somewhere beneath a live folder; always the same folder. */
  isBeneath(id: string, folderId: string, when: "was" | "now"): boolean {
    if (id === folderId || !this.isLive(id, when)) return false;
    return this.#climb(id, when, folderId, this.#beneath[when]);
  }

  #climb(id: string, when: "was" | "now", goal: string, known: Map<string, boolean>): boolean {
    const passed: string[] = [];
    let found = false;
    for (let at: string | null = id; at !== null && passed.length < 1_000; ) {
      const before = known.get(at);
      if (at === goal || before !== undefined) {
        found = at === goal ? this.#place(at, when) !== undefined : before!;
        break;
      }
      passed.push(at);
      at = this.#place(at, when)?.parentId ?? null;
    }
    for (const each of passed) known.set(each, found);
    return found;
  }

  /** The node and all above it. */
  chain(id: string, when: "was" | "now"): string[] {
    const ids: string[] = [];
    for (let at: string | null = id; at !== null && ids.length < 1_000; at = this.#place(at, when)?.parentId ?? null) {
      ids.push(at);
    }
    return ids;
  }

  path(id: string, when: "was" | "now"): string[] {
    return this.chain(id, when)
      .filter((each) => each !== this.#rootId)
      .map((each) => this.#place(each, when)?.name ?? "")
      .reverse();
  }
}
