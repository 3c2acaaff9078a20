import { findPlaceByFileId } from "../../domain/drive/drive-place.ts";
import { openDrive } from "../../domain/drive/open-drive.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import type { PageRoute } from "./page-route.ts";

const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">
<path d="M16 30V14M10 30c0-6-2-9-5-11M22 30c0-6 2-9 5-11" fill="none" stroke="#1e5b42" stroke-width="2.5" stroke-linecap="round"/>
<path d="M5 19c-2-5 0-9 5-10 2 4 0 8-5 10zM27 19c2-5 0-9-5-10-2 4 0 8 5 10z" fill="#1e5b42"/><circle cx="16" cy="8" r="5.5" fill="#c4571a"/></svg>`;

/** The pages that clients open in a browser, and those that they ask to know whether there is a network. */
export function plainPageRoutes(deps: NextcloudDeps): PageRoute[] {
  const { settings, authenticator, store } = deps;
  const { drive: home } = settings.origins;
  return [
    { method: "GET", path: "/204", handle: (_request, response) => void response.writeHead(204).end() },
    {
      method: "GET",
      path: "/apps/theming/image/logo",
      handle: (_request, response) => {
        // The operator's own, which the drive's pages have; it may be an SVG, which theirs keeps from being a page.
        if (settings.operator.logo !== undefined) {
          return void response.writeHead(302, { location: `${home}/operator/logo`, "content-length": 0 }).end();
        }
        response.writeHead(200, {
          "content-type": "image/svg+xml",
          "content-length": Buffer.byteLength(mark),
          "cache-control": "public, max-age=86400",
          "content-security-policy": "default-src 'none'; sandbox",
          "x-content-type-options": "nosniff",
        });
        response.end(mark);
      },
    },
    {
      // « Open in the browser »: for whoever is signed in there, where they see it.
      method: "GET",
      path: "/f/{fileId}",
      handle: async (request, response, { fileId }) => {
        const go = (path: string) =>
          void response
            .writeHead(303, { location: `${home}${path}`, "content-length": 0, "cache-control": "no-store" })
            .end();
        if (!/^\d{1,15}$/.test(fileId!)) return go("/");
        const here = `/index.php/f/${fileId}`;
        const session = await authenticator.findSession(request);
        if (!session) {
          // The session belongs to the drive's own host.
          const isHome = request.headers.host === new URL(home).host;
          return go(isHome ? `/sign-in?return=${encodeURIComponent(here)}` : here);
        }
        const drive = await openDrive(deps, session.viewer);
        const place = await findPlaceByFileId(store.read, drive, Number(fileId));
        if (!place || place.names.length === 0) return go("/");
        go(place.node.kind === "folder" ? `/folder/${place.node.id}` : `/file/${place.node.id}`);
      },
    },
    ...["", "/apps/files", "/apps/files/files"].map(
      (path): PageRoute => ({
        method: "GET",
        path,
        handle: (_request, response) =>
          void response.writeHead(303, { location: `${home}/`, "content-length": 0 }).end(),
      }),
    ),
  ];
}
