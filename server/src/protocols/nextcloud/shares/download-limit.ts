import { listMyShareLinks } from "../../../domain/sharing/list-share-links.ts";
import type { ShareLink, SharingDeps } from "../../../domain/sharing/model.ts";
import { updateShareLink } from "../../../domain/sharing/update-share-link.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";
import { OcsError, type OcsRequest, type OcsRoute } from "../ocs/ocs-route.ts";

const path = "/apps/files_downloadlimit/api/v1/{token}/limit";

/** How often what a link leads to may be downloaded. */
export function downloadLimitRoutes(deps: NextcloudDeps & SharingDeps): OcsRoute[] {
  const find = async ({ viewer, path }: OcsRequest): Promise<ShareLink> => {
    const link = (await listMyShareLinks(deps, viewer)).find((each) => each.token === path.token);
    if (!link) throw new OcsError(404, "Unknown share");
    return link;
  };
  const describe = ({ downloadLimit, downloadCount }: ShareLink) => ({
    data: { limit: downloadLimit, count: downloadCount },
  });
  return [
    { method: "GET", path, handle: async (request) => describe(await find(request)) },
    {
      method: "PUT",
      path,
      handle: async (request) => {
        const downloadLimit = request.parameters.integer("limit") ?? 0;
        if (downloadLimit < 1) throw new OcsError(400, "Limit must be greater or equal to 1");
        const { id } = await find(request);
        return describe(await updateShareLink(deps, request.viewer, id, { downloadLimit }));
      },
    },
    {
      method: "DELETE",
      path,
      handle: async (request) => {
        const { id } = await find(request);
        return describe(await updateShareLink(deps, request.viewer, id, { downloadLimit: null }));
      },
    },
  ];
}
