import { beneath, exactly, type HttpHandler, type HttpRoute } from "../../net/http-router.ts";
import { originOfRequest } from "../shared/origin-of-request.ts";
import { activityRoutes } from "./activity.ts";
import { appPasswordRoutes } from "./app-password.ts";
import { avatarRoutes } from "./avatars.ts";
import { type CapabilityPart, capabilityRoutes } from "./capabilities.ts";
import { directDownloadRoutes, serveDirectDownloads } from "./direct-download.ts";
import { filesLockRoutes } from "./files-lock.ts";
import { loginFlowRoutes } from "./login-flow.ts";
import { navigationRoutes } from "./navigation.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { notificationRoutes } from "./notifications.ts";
import type { OcsRoute } from "./ocs/ocs-route.ts";
import { serveOcs } from "./ocs/serve-ocs.ts";
import type { PageRoute } from "./page-route.ts";
import { plainPageRoutes } from "./plain-pages.ts";
import { preAuthRoutes } from "./push/pre-auth.ts";
import { sendJson } from "./send-json.ts";
import { servePages } from "./serve-pages.ts";
import { serveStatus } from "./status.ts";
import { searchRoutes } from "./unified-search.ts";
import { userRoutes } from "./user.ts";
import { userStatusRoutes } from "./user-status.ts";
import { wipeRoutes } from "./wipe.ts";

export interface NextcloudOptions extends NextcloudDeps {
  /** Calls of other parts, such as shares. */
  readonly routes?: readonly OcsRoute[];
  readonly capabilities?: readonly CapabilityPart[];
  /** Pages of other parts. */
  readonly pages?: readonly PageRoute[];
}

/** The calls that are for signed-in devices only. */
export function deviceRoutes(deps: NextcloudDeps): OcsRoute[] {
  return [
    ...userRoutes(deps),
    ...appPasswordRoutes(deps),
    ...userStatusRoutes(deps),
    ...notificationRoutes(deps),
    ...navigationRoutes(deps),
    ...activityRoutes(deps),
    ...searchRoutes(deps),
    ...filesLockRoutes(deps),
    ...directDownloadRoutes(deps),
  ];
}

/** The client API of Nextcloud outside of DAV, by path on any host name. */
export function nextcloudRoutes(options: NextcloudOptions): HttpRoute[] {
  const { routes = [], capabilities = [], pages: otherPages = [], ...deps } = options;
  const ocs = serveOcs(deps, [...capabilityRoutes(deps, capabilities), ...deviceRoutes(deps), ...routes]);
  const pages = servePages(deps, [
    ...loginFlowRoutes(deps),
    ...wipeRoutes(deps),
    ...preAuthRoutes(deps),
    ...avatarRoutes(deps),
    ...plainPageRoutes(deps),
    ...otherPages,
  ]);
  const toDav: HttpHandler = (request, response) => {
    const location = `${originOfRequest(request, deps.settings, "drive")}/remote.php/dav/`;
    response.writeHead(301, { location, "content-length": 0 }).end();
  };
  return [
    exactly("/status.php", serveStatus),
    beneath("/ocs/v1.php", ocs),
    beneath("/ocs/v2.php", ocs),
    beneath("/index.php", pages),
    serveDirectDownloads(deps),
    exactly("/.well-known/caldav", toDav),
    exactly("/.well-known/carddav", toDav),
    ...["webfinger", "nodeinfo"].map((name) =>
      exactly(`/.well-known/${name}`, (request, response) =>
        sendJson(request, response, 404, { message: `${name} not supported` }),
      ),
    ),
  ];
}
