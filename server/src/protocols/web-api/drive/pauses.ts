import type * as Api from "@bouquet/contract/drive-recovery.ts";
import { PausedDevice, PauseRollback } from "@bouquet/contract/drive-recovery.ts";
import { allowDevice, previewPauseRollback, rollBackPause } from "../../../domain/drive/brake/decide-pause.ts";
import { type DevicePause, listPauses } from "../../../domain/drive/brake/list-pauses.ts";
import type { DriveDeps } from "../../../domain/drive/model.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp } from "../../shared/service-app.ts";
import { toApiRollback } from "./rollbacks.ts";

/** Devices that changed too much at once: what they did, and what becomes of it. */
export function registerPauses(app: ServiceApp, deps: DriveDeps): void {
  app.get("/api/drive/pauses", async (request) => ({
    pauses: (await listPauses(deps, requireViewer(request))).map(toApiPause),
  }));

  app.post("/api/drive/pauses/allow", { schema: { body: PausedDevice } }, async (request, reply) => {
    await allowDevice(deps, requireViewer(request), request.body);
    return reply.code(204).send();
  });

  app.post("/api/drive/pauses/rollback/preview", { schema: { body: PausedDevice } }, async (request) =>
    toApiRollback(await previewPauseRollback(deps, requireViewer(request), request.body)),
  );

  app.post("/api/drive/pauses/rollback", { schema: { body: PauseRollback } }, async (request) => {
    const { state, ...device } = request.body;
    return toApiRollback(await rollBackPause(deps, requireViewer(request), device, state));
  });
}

function toApiPause(pause: DevicePause): Api.DevicePause {
  return {
    accountId: pause.accountId,
    deviceId: pause.deviceId,
    deviceName: pause.deviceName,
    personName: pause.personName,
    isMine: pause.isMine,
    spaceName: pause.spaceName,
    isMySpace: pause.isMySpace,
    pausedAt: pause.pausedAt.toISOString(),
    before: pause.before.toISOString(),
    changed: pause.changed,
    total: pause.total,
    deleted: pause.deleted,
    renamed: pause.renamed,
    replaced: pause.replaced,
    canRollBack: pause.rollbackAccess !== undefined,
    rolledBackAt: pause.rolledBackAt?.toISOString() ?? null,
  };
}
