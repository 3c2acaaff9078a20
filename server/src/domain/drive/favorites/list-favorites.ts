import type { Reader } from "../../../store/database.ts";
import type { Place } from "../drive-place.ts";
import type { OpenedDrive } from "../open-drive.ts";
import { placeNodes } from "../place-nodes.ts";

/** What the viewer has marked and still sees. */
export async function listFavorites(reader: Reader, drive: OpenedDrive): Promise<Place[]> {
  const rows = await reader
    .selectFrom("node_favorite")
    .select(["node_organization_id", "node_id"])
    .where("organization_id", "=", drive.viewer.organizationId)
    .where("principal_id", "=", drive.viewer.principalId)
    .orderBy("created_at")
    .execute();
  const lists = [...Map.groupBy(rows, (row) => row.node_organization_id)].map(([organizationId, those]) =>
    placeNodes(
      reader,
      drive,
      organizationId,
      those.map((row) => row.node_id),
    ),
  );
  return (await Promise.all(lists)).flat();
}
