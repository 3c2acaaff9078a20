import type * as Api from "@bouquet/contract/drive-recovery.ts";
import { RollbackMoment, RollbackOrder, WeighedAct, WeighedUpload } from "@bouquet/contract/drive-recovery.ts";
import { Type } from "typebox";
import { weighChange } from "../../../domain/drive/brake/weigh-change.ts";
import { weighUpload } from "../../../domain/drive/brake/weigh-upload.ts";
import type { DriveDeps } from "../../../domain/drive/model.ts";
import { openNodeAccess } from "../../../domain/drive/open-node-access.ts";
import { previewRollback, rollBack } from "../../../domain/drive/rollback/roll-back.ts";
import type { Rollback } from "../../../domain/drive/rollback/summarize-rollback.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp } from "../../shared/service-app.ts";

const IdParams = Type.Object({ id: Type.String() });

/** Going back to how a folder or a space was, and what is asked before much is changed at once. */
export function registerRollbacks(app: ServiceApp, deps: DriveDeps): void {
  app.post(
    "/api/drive/folders/:id/rollback/preview",
    { schema: { params: IdParams, body: RollbackMoment } },
    async (request) => {
      const { id } = request.params;
      const access = await openNodeAccess(deps, requireViewer(request), id);
      return toApiRollback(await previewRollback(deps, access, id, { at: new Date(request.body.at) }));
    },
  );

  app.post(
    "/api/drive/folders/:id/rollback",
    { schema: { params: IdParams, body: RollbackOrder } },
    async (request) => {
      const { id } = request.params;
      const { at, state } = request.body;
      const access = await openNodeAccess(deps, requireViewer(request), id);
      return toApiRollback(await rollBack(deps, access, id, { at: new Date(at) }, { state }));
    },
  );

  app.post("/api/drive/nodes/weigh", { schema: { body: WeighedAct } }, async (request) =>
    weighChange(deps.store.read, requireViewer(request), request.body.ids, request.body.act, deps.brake),
  );

  app.post("/api/drive/folders/:id/weigh", { schema: { params: IdParams, body: WeighedUpload } }, async (request) => {
    const { id } = request.params;
    const access = await openNodeAccess(deps, requireViewer(request), id);
    const paths = request.body.paths.map((path) => path.split("/"));
    return weighUpload(deps.store.read, access, id, paths, deps.brake);
  });
}

export function toApiRollback({ counts, items, state }: Rollback): Api.Rollback {
  return {
    counts,
    state,
    items: items.map(({ from, to, reason, ...item }) => ({
      ...item,
      from: from ?? null,
      to: to ?? null,
      reason: reason ?? null,
    })),
  };
}
