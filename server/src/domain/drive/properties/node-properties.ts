import { sql } from "kysely";
import type { Reader, Transactor } from "../../../store/database.ts";
import { prepare } from "../../../store/prepared.ts";
import { DomainError } from "../../errors.ts";

/** A property that a client has set (RFC 4918 section 4): XML from the start to the end tag. */
export interface NodeProperty {
  namespace: string;
  name: string;
  value: string;
}

/** Of one node. A listing reads those of a thousand nodes at once. */
const mostProperties = 100;
const mostCharacters = 32 * 1_024;
const longestName = 500;

const select = prepare<NodeProperty & { node_id: string }>(
  "drive_properties",
  `SELECT node_id, namespace, name, value FROM node_property
  WHERE organization_id = $1::uuid AND node_id = ANY($2::uuid[]) ORDER BY node_id, namespace, name`,
);

/** The properties of nodes of one organization, by the id of the node; one query for all. */
export async function readNodeProperties(
  reader: Reader,
  organizationId: string,
  nodeIds: readonly string[],
): Promise<ReadonlyMap<string, readonly NodeProperty[]>> {
  if (nodeIds.length === 0) return new Map();
  return Map.groupBy(await select.execute(reader, [organizationId, nodeIds]), (row) => row.node_id);
}

/** @throws DomainError `too_large` */
export function checkProperty(property: NodeProperty): void {
  const isShort = property.namespace.length <= longestName && property.name.length <= longestName;
  if (!isShort || property.value.length > mostCharacters) {
    throw new DomainError("too_large", `A property has at most ${mostCharacters} characters`);
  }
}

/**
 * Writes the properties of a node, in its transaction. To remove what is not there is no error (RFC 4918 section 14.23).
 * @throws DomainError `too_large` for more than a node may have
 */
export async function writeNodeProperties(
  tx: Transactor,
  node: { organizationId: string; nodeId: string },
  changes: readonly (NodeProperty | { namespace: string; name: string; value: undefined })[],
): Promise<void> {
  const { organizationId, nodeId } = node;
  for (const { namespace, name, value } of changes) {
    if (value === undefined) {
      await tx
        .deleteFrom("node_property")
        .where("organization_id", "=", organizationId)
        .where("node_id", "=", nodeId)
        .where("namespace", "=", namespace)
        .where("name", "=", name)
        .execute();
      continue;
    }
    await tx
      .insertInto("node_property")
      .values({ organization_id: organizationId, node_id: nodeId, namespace, name, value })
      .onConflict((conflict) =>
        conflict.columns(["organization_id", "node_id", "namespace", "name"]).doUpdateSet({ value }),
      )
      .execute();
  }
  const { count, characters } = await tx
    .selectFrom("node_property")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .select(sql<number>`coalesce(sum(length(value)), 0)::bigint`.as("characters"))
    .where("organization_id", "=", organizationId)
    .where("node_id", "=", nodeId)
    .executeTakeFirstOrThrow();
  if (count > mostProperties || characters > mostCharacters) {
    throw new DomainError(
      "too_large",
      `A file has at most ${mostProperties} properties of ${mostCharacters} characters`,
    );
  }
}
