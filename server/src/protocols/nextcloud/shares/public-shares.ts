import type { IncomingMessage } from "node:http";
import { DomainError } from "../../../domain/errors.ts";
import type { SharingDeps } from "../../../domain/sharing/model.ts";
import { openLinkDrive } from "../../../domain/sharing/open-link-drive.ts";
import { type LinkVisit, resolveShareLink } from "../../../domain/sharing/resolve-share-link.ts";
import { watchLink } from "../../../domain/sharing/watch-link.ts";
import { beneath, type HttpRoute, type OnRoute } from "../../../net/http-router.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { DavMount } from "../../dav/dav-context.ts";
import type { FileTreeDeps } from "../../dav/files/file-space.ts";
import { serveDav } from "../../dav/serve-dav.ts";
import type { ServiceSettings } from "../../shared/service-settings.ts";
import type { PageRoute } from "../page-route.ts";
import { LinkTree } from "./link-tree.ts";

export interface PublicSharesDeps extends FileTreeDeps, SharingDeps {
  readonly settings: ServiceSettings;
  readonly log: Logger;
  readonly onRoute?: OnRoute | undefined;
}

/** Whoever holds a link: its token as a name, and its password, by HTTP Basic. */
interface Holder {
  readonly name: string;
  readonly password: string | undefined;
  readonly visitorName: string | undefined;
  readonly remoteAddress: string;
}

/**
 * `/public.php/webdav`, where the name of HTTP Basic is the token, and `/public.php/dav/files/<token>`: what a link leads to, for
 * programs of outside people.
 */
export function publicShareRoutes(deps: PublicSharesDeps): HttpRoute[] {
  const open = async (holder: Holder, token: string, root: string) => {
    const visit: LinkVisit = { ...holder, token };
    const { opened } = await resolveShareLink(deps, visit);
    if (!opened) throw new DomainError("unauthenticated", "This link needs its password");
    const drive = await openLinkDrive(deps.store.read, opened);
    return new LinkTree(deps, { link: opened, drive, root, watch: (onEnd) => watchLink(deps, visit, opened, onEnd) });
  };
  const mounts: DavMount<Holder>[] = [
    {
      path: ["public.php", "webdav"],
      open: async ({ session }, _parameters, root) => {
        if (session.name === "") throw new DomainError("unauthenticated", "This needs the token of a link");
        return open(session, session.name, root);
      },
    },
    {
      path: ["public.php", "dav", "files", "*"],
      open: ({ session }, [token = ""], root) => open(session, token, root),
    },
  ];
  const authenticate = async (request: IncomingMessage): Promise<Holder> => ({
    ...readBasic(request.headers.authorization),
    visitorName: nicknameOf(request),
    remoteAddress: deps.settings.clientAddress(request),
  });
  const handler = serveDav<Holder>({ authenticate, mounts, log: deps.log, onRoute: deps.onRoute });
  return ["/public.php/webdav", "/public.php/dav"].map((path) => beneath(path, handler));
}

/** `/index.php/s/<token>` is how clients know the page of a link. */
export function sharePageRoutes({ settings }: { settings: ServiceSettings }): PageRoute[] {
  return [
    {
      method: "GET",
      path: "/s/{token}",
      handle: (_request, response, { token }) => {
        const location = `${settings.origins.drive}/s/${encodeURIComponent(token!)}`;
        response.writeHead(302, { location, "referrer-policy": "no-referrer", "content-length": 0 }).end();
      },
    },
  ];
}

function readBasic(header: string | undefined): { name: string; password: string | undefined } {
  const encoded = /^Basic +([A-Za-z0-9+/=]{0,2000})$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return { name: "", password: undefined };
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  const password = colon === -1 ? "" : text.slice(colon + 1);
  return { name: colon === -1 ? text : text.slice(0, colon), password: password === "" ? undefined : password };
}

/** What the page of a file request sends of its visitor. */
function nicknameOf(request: IncomingMessage): string | undefined {
  const given = request.headers["x-nc-nickname"];
  if (typeof given !== "string") return undefined;
  try {
    return decodeURIComponent(given).normalize("NFC");
  } catch {
    return given;
  }
}
