import type { Selectable } from "kysely";
import type { DriveNode as DriveNodeTable } from "../schema.generated.ts";

export type NodeState = "live" | "arriving" | "trashed" | "deleted" | "purged";

export interface NodeRow extends Omit<Selectable<DriveNodeTable>, "kind" | "state"> {
  kind: "folder" | "file";
  state: NodeState;
}
