import type { IncomingMessage, ServerResponse } from "node:http";
import { toDeviceName } from "../../domain/identity/app-passwords.ts";
import { beginDeviceLogin } from "../../domain/identity/device-login/begin-device-login.ts";
import { collectDeviceLogin } from "../../domain/identity/device-login/collect-device-login.ts";
import { originOfRequest } from "../shared/origin-of-request.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import type { PageRoute } from "./page-route.ts";
import { readParameters } from "./parameters.ts";
import { sendJson } from "./send-json.ts";

/**
 * How a device gets its app password. Version 2: it asks, opens our page in a browser, and polls until its owner has said yes there.
 * Version 1: it shows our page itself, which ends at an address of the scheme nc: with the password in it.
 */
export function loginFlowRoutes(deps: NextcloudDeps): PageRoute[] {
  const { settings } = deps;
  const toPortal = (response: ServerResponse, path: string): void => {
    response
      .writeHead(303, {
        location: `${settings.origins.portal}${path}`,
        "content-length": 0,
        "cache-control": "no-store",
      })
      .end();
  };
  const agentOf = (request: IncomingMessage): string => request.headers["user-agent"] ?? "";

  return [
    {
      method: "POST",
      path: "/login/v2",
      handle: async (request, response) => {
        const remoteAddress = settings.clientAddress(request);
        const begun = await beginDeviceLogin(deps, { userAgent: agentOf(request), remoteAddress });
        const base = `${originOfRequest(request, settings, "drive")}/index.php/login/v2`;
        sendJson(request, response, 200, {
          poll: { token: begun.pollToken, endpoint: `${base}/poll` },
          login: `${base}/flow/${begun.pageToken}`,
        });
      },
    },
    {
      method: "POST",
      path: "/login/v2/poll",
      handle: async (request, response) => {
        const token = (await readParameters(request)).text("token") ?? "";
        const collected = await collectDeviceLogin(deps, token);
        if (!collected) return sendJson(request, response, 404, []);
        sendJson(request, response, 200, { server: originOfRequest(request, settings, "drive"), ...collected });
      },
    },
    {
      method: "GET",
      path: "/login/v2/flow/{token}",
      handle: (_request, response, { token }) => toPortal(response, `/connect-device/${encodeURIComponent(token!)}`),
    },
    {
      method: "GET",
      path: "/login/flow",
      handle: (request, response) => {
        const name = toDeviceName(agentOf(request));
        toPortal(response, `/connect-device?${new URLSearchParams({ name })}`);
      },
    },
  ];
}
