import type { NextcloudOptions } from "../serve-nextcloud.ts";
import { downloadLimitRoutes } from "./download-limit.ts";
import { sharePageRoutes } from "./public-shares.ts";
import { type ShareRoutesDeps, shareRoutes } from "./share-routes.ts";
import { shareeRoutes } from "./sharee-routes.ts";
import { sharingCapabilities } from "./sharing-capabilities.ts";

/** Sharing, as a part of the client API. */
export function sharingRoutes(
  deps: ShareRoutesDeps,
): Required<Pick<NextcloudOptions, "routes" | "capabilities" | "pages">> {
  return {
    routes: [...shareRoutes(deps), ...shareeRoutes(deps), ...downloadLimitRoutes(deps)],
    capabilities: [sharingCapabilities],
    pages: sharePageRoutes(deps),
  };
}
