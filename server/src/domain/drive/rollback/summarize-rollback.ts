import type { LeftReason, RollbackPlan } from "./plan-rollback.ts";

export type RollbackKind = "restored" | "moved" | "replaced" | "trashed" | "left";

export interface RollbackCount {
  /** Nodes. */
  items: number;
  /** Files that they are or hold. */
  files: number;
}

export interface RollbackItem {
  kind: RollbackKind;
  nodeId: string;
  nodeKind: "folder" | "file";
  /** Names from the space's root; the last is its own. Absent for what is in the trash. */
  from: string[] | undefined;
  /** Absent for what goes to the trash. */
  to: string[] | undefined;
  files: number;
  reason: LeftReason | undefined;
}

/** What a roll-back does, or did: in figures, and the first items of each kind. */
export interface Rollback {
  counts: Record<RollbackKind, RollbackCount>;
  items: RollbackItem[];
  /** Moves with every change of the account. */
  state: number;
}

/** Nobody reads more. */
const mostOfAKind = 100;

/** Puts a plan in figures. */
export function summarize({ plan, state }: { plan: RollbackPlan; state: number }): Rollback {
  const all: Record<RollbackKind, (() => RollbackItem)[]> = {
    restored: [],
    moved: [],
    replaced: [],
    trashed: [],
    left: [],
  };
  const counts = Object.fromEntries(
    Object.keys(all).map((kind) => [kind, { items: 0, files: 0 }]),
  ) as unknown as Rollback["counts"];
  const add = (kind: RollbackKind, files: number, item: () => Omit<RollbackItem, "kind" | "files">): void => {
    counts[kind].items += 1;
    counts[kind].files += files;
    if (all[kind].length < mostOfAKind) all[kind].push(() => ({ kind, files, ...item() }));
  };
  for (const { node, to, isBack } of plan.places) {
    add(isBack ? "restored" : "moved", node.now.files, () => ({
      ...{ nodeId: node.id, nodeKind: node.kind, reason: undefined },
      from: isBack ? undefined : plan.pathOf(node.id, "now"),
      to: [...plan.pathOf(to.parentId, "was"), to.name],
    }));
  }
  for (const { node } of plan.contents) {
    const path = () => plan.pathOf(node.id, "was");
    add("replaced", 1, () => ({ nodeId: node.id, nodeKind: node.kind, from: path(), to: path(), reason: undefined }));
  }
  for (const { node, isSeen } of plan.trash) {
    if (!isSeen) continue;
    const from = () => plan.pathOf(node.id, "now");
    add("trashed", node.now.files, () => ({
      ...{ nodeId: node.id, nodeKind: node.kind, from: from(), to: undefined, reason: undefined },
    }));
  }
  for (const { node, reason } of plan.left) {
    const files = node.kind === "file" ? 1 : (node.now?.files ?? 0);
    add("left", files, () => ({
      ...{ nodeId: node.id, nodeKind: node.kind, from: undefined, to: plan.pathOf(node.id, "was"), reason },
    }));
  }
  return { counts, items: Object.values(all).flatMap((items) => items.map((item) => item())), state };
}
