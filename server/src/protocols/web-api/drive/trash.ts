import { EmptyTrash, NodeIds } from "@bouquet/contract/drive.ts";
import { Type } from "typebox";
import { deleteFromTrash, emptyTrash } from "../../../domain/drive/delete-from-trash.ts";
import { openDriveAccount } from "../../../domain/drive/drive-accounts.ts";
import { readUsage } from "../../../domain/drive/list-spaces.ts";
import { listTrash } from "../../../domain/drive/list-trash.ts";
import type { DriveDeps } from "../../../domain/drive/model.ts";
import { openNodeAccount } from "../../../domain/drive/open-node-account.ts";
import { restoreNode } from "../../../domain/drive/restore-node.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp } from "../../shared/service-app.ts";
import { forEachNode } from "./batch.ts";
import { toApiTrashed } from "./to-api.ts";

const TrashQuery = Type.Object({
  accountId: Type.String(),
  state: Type.Optional(Type.Union([Type.Literal("trashed"), Type.Literal("deleted")])),
});

export function registerTrash(app: ServiceApp, deps: DriveDeps): void {
  const { read } = deps.store;

  app.get("/api/drive/trash", { schema: { querystring: TrashQuery } }, async (request) => {
    const { accountId, state = "trashed" } = request.query;
    const access = await openDriveAccount(read, requireViewer(request), accountId);
    const [nodes, usage] = await Promise.all([listTrash(read, access, state), readUsage(read, access)]);
    return { nodes: nodes.map(toApiTrashed), usage, recoveryDays: deps.recoveryDays ?? 14 };
  });

  app.post("/api/drive/trash/restore", { schema: { body: NodeIds } }, async (request) => {
    const viewer = requireViewer(request);
    return forEachNode(request.body.ids, async (id) => restoreNode(deps, await openNodeAccount(read, viewer, id), id));
  });

  app.post("/api/drive/trash/delete", { schema: { body: NodeIds } }, async (request) => {
    const viewer = requireViewer(request);
    return forEachNode(request.body.ids, async (id) => {
      await deleteFromTrash(deps, await openNodeAccount(read, viewer, id), id);
      return undefined;
    });
  });

  app.post("/api/drive/trash/empty", { schema: { body: EmptyTrash } }, async (request, reply) => {
    await emptyTrash(deps, await openDriveAccount(read, requireViewer(request), request.body.accountId));
    return reply.code(204).send();
  });
}
