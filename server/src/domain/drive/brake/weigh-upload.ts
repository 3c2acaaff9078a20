import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { DriveAccess } from "../model.ts";
import { deepest, reachFolder } from "../reach-node.ts";
import { type BrakeLimits, defaultBrakeLimits, isTooMuch } from "./brake-limits.ts";
import { readFiles } from "./read-files.ts";
import type { Weight } from "./weigh-change.ts";

/**
 * How many files an upload would replace.
 * @param paths of its files, as names from the folder on
 * @throws DomainError `not_found`, `conflict` (`not_a_folder`)
 */
export async function weighUpload(
  reader: Reader,
  access: DriveAccess,
  folderId: string,
  paths: readonly (readonly string[])[],
  limits: BrakeLimits = defaultBrakeLimits,
): Promise<Weight> {
  const { node } = await reachFolder(reader, access, folderId);
  const files = await countTaken(
    reader,
    access.organizationId,
    node.id,
    paths.map((names) => names.map((name) => name.normalize("NFC"))),
  );
  const total = await readFiles(reader, access);
  return { files, total, isMuch: isTooMuch(limits, files, total) };
}

interface Step {
  parentId: string;
  /** What is looked for there, and with which names it goes on. */
  paths: readonly (readonly string[])[];
}

/** A query for each level of folders. */
async function countTaken(
  reader: Reader,
  organizationId: string,
  folderId: string,
  paths: readonly (readonly string[])[],
): Promise<number> {
  let steps: Step[] = [{ parentId: folderId, paths }];
  let taken = 0;
  for (let level = 0; steps.length > 0 && level < deepest; level++) {
    const wanted = steps.flatMap((step) =>
      [...Map.groupBy(step.paths, ([name = ""]) => name)].map(([name, those]) => ({ ...step, name, paths: those })),
    );
    const { rows } = await sql<{ at: number; id: string; kind: string }>`
      SELECT w.at::int AS at, n.id, n.kind
      FROM unnest(${wanted.map((each) => each.parentId)}::uuid[], ${wanted.map((each) => each.name)}::text[])
        WITH ORDINALITY AS w (parent_id, name, at),
        LATERAL (SELECT id, kind FROM drive_node WHERE organization_id = ${organizationId} AND parent_id = w.parent_id
          AND name = w.name AND state = 'live' OFFSET 0) n`.execute(reader);
    steps = [];
    for (const { at, id, kind } of rows) {
      const those = wanted[at - 1]!.paths;
      if (kind === "file") taken += those.some((names) => names.length === 1) ? 1 : 0;
      else steps.push({ parentId: id, paths: those.flatMap((names) => (names.length > 1 ? [names.slice(1)] : [])) });
    }
    steps = steps.filter((step) => step.paths.length > 0);
  }
  return taken;
}
