import type { Store } from "../../../store/database.ts";
import type { NodeRow } from "../../../store/drive/node-row.ts";
import type { Viewer } from "../../identity/viewer.ts";

/** Marks a file or folder for the viewer alone, whoever it belongs to; or takes the mark away. */
export async function setFavorite(
  deps: { readonly store: Store },
  viewer: Viewer,
  place: { readonly node: Pick<NodeRow, "organization_id" | "id"> },
  isFavorite: boolean,
): Promise<void> {
  const key = {
    organization_id: viewer.organizationId,
    principal_id: viewer.principalId,
    node_organization_id: place.node.organization_id,
    node_id: place.node.id,
  };
  await deps.store.transact(async (tx) => {
    if (isFavorite) {
      await tx
        .insertInto("node_favorite")
        .values(key)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return;
    }
    await tx
      .deleteFrom("node_favorite")
      .where("organization_id", "=", key.organization_id)
      .where("principal_id", "=", key.principal_id)
      .where("node_organization_id", "=", key.node_organization_id)
      .where("node_id", "=", key.node_id)
      .execute();
  });
}
