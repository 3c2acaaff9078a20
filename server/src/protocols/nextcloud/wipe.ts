import { isWipeRequested } from "../../domain/identity/wipe/answer-wipe.ts";
import { finishDeviceWipe } from "../../domain/notifications/finish-device-wipe.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import type { PageRoute } from "./page-route.ts";
import { readParameters } from "./parameters.ts";
import { sendJson } from "./send-json.ts";

/** What a device asks when its app password is refused, and what it says when it has forgotten all. The password is the whole proof. */
export function wipeRoutes(deps: NextcloudDeps): PageRoute[] {
  return [
    {
      method: "POST",
      path: "/core/wipe/check",
      handle: async (request, response) => {
        const token = (await readParameters(request)).text("token") ?? "";
        const isWanted = await isWipeRequested(deps, token, deps.settings.clientAddress(request));
        if (isWanted) sendJson(request, response, 200, { wipe: true });
        else sendJson(request, response, 404, []);
      },
    },
    {
      method: "POST",
      path: "/core/wipe/success",
      handle: async (request, response) => {
        const token = (await readParameters(request)).text("token") ?? "";
        const wiped = await finishDeviceWipe(deps, token, deps.settings.clientAddress(request));
        sendJson(request, response, wiped ? 200 : 404, []);
      },
    },
  ];
}
