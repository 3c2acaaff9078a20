import { authenticateDav } from "../../dav/authenticate-dav.ts";
import { sealTicket } from "../device-ticket.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";
import type { PageRoute } from "../page-route.ts";

export const preAuthPurpose = "push-pre-auth";
const validMs = 15_000;

/** A ticket for a program that would not send its password through a WebSocket: used as the password, with an empty name. */
export function preAuthRoutes(deps: NextcloudDeps): PageRoute[] {
  return [
    {
      method: "POST",
      path: "/apps/notify_push/pre_auth",
      handle: async (request, response) => {
        const sealed = sealTicket(
          deps,
          preAuthPurpose,
          await authenticateDav(deps.authenticator, request),
          null,
          validMs,
        );
        const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
        response.writeHead(200, { ...headers, "content-length": sealed.length }).end(sealed);
      },
    },
  ];
}
