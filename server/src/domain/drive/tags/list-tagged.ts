import type { Reader } from "../../../store/database.ts";
import type { Place } from "../drive-place.ts";
import type { OpenedDrive } from "../open-drive.ts";
import { placeNodes } from "../place-nodes.ts";

/** What the viewer sees that has a tag, by the number of the tag. */
export async function listTagged(reader: Reader, drive: OpenedDrive, tagNumber: number): Promise<Place[]> {
  const organizationIds = new Set([
    drive.own.organizationId,
    ...drive.mounts.map((each) => each.access.organizationId),
  ]);
  const lists = [...organizationIds].map(async (organizationId) => {
    const rows = await reader
      .selectFrom("node_tagging")
      .select("node_id")
      .where("organization_id", "=", organizationId)
      .where("tag_number", "=", tagNumber)
      .execute();
    return placeNodes(
      reader,
      drive,
      organizationId,
      rows.map((row) => row.node_id),
    );
  });
  return (await Promise.all(lists)).flat();
}
