import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { DomainError } from "../errors.ts";
import { numberedName } from "./node-name.ts";

/** The live node of that name directly in a folder. */
export async function findChild(
  reader: Reader,
  folder: { organization_id: string; id: string },
  name: string,
): Promise<NodeRow | undefined> {
  const row = await reader
    .selectFrom("drive_node")
    .selectAll()
    .where("organization_id", "=", folder.organization_id)
    .where("parent_id", "=", folder.id)
    .where("name", "=", name.normalize("NFC"))
    .where("state", "=", "live")
    .executeTakeFirst();
  return row as NodeRow | undefined;
}

/** The name itself when it is free in the folder, else the first free « name (2) ». To be called under the feed's lock. */
export async function freeName(
  reader: Reader,
  folder: { organization_id: string; id: string },
  name: string,
  kind: "folder" | "file",
): Promise<string> {
  let candidates = [name, ...Array.from({ length: 20 }, (_, index) => numberedName(name, index + 2, kind))];
  let next = 22;
  for (;;) {
    const taken = await reader
      .selectFrom("drive_node")
      .select("name")
      .where("organization_id", "=", folder.organization_id)
      .where("parent_id", "=", folder.id)
      .where("name", "in", candidates)
      .where("state", "=", "live")
      .execute();
    const names = new Set(taken.map((row) => row.name));
    const free = candidates.find((candidate) => !names.has(candidate));
    if (free !== undefined) return free;
    candidates = Array.from({ length: 1_000 }, (_, index) => numberedName(name, next + index, kind));
    next += candidates.length;
  }
}

export function nameTaken(name: string): DomainError {
  return new DomainError("already_exists", "There is already something of that name here", {
    data: { reason: "name_taken" },
    detail: name,
  });
}
