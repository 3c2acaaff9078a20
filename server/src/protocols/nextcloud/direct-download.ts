import type { IncomingMessage } from "node:http";
import { placeEtag } from "../../domain/drive/drive-etag.ts";
import { findPlaceByFileId, type Place } from "../../domain/drive/drive-place.ts";
import { type OpenedDrive, openDrive } from "../../domain/drive/open-drive.ts";
import { openReached } from "../../domain/drive/open-file.ts";
import { DomainError } from "../../domain/errors.ts";
import { beneath, type HttpRoute } from "../../net/http-router.ts";
import type { DavContent, DavMethodName, DavResource, DavTree } from "../dav/dav-tree.ts";
import { tableReader } from "../dav/property-table.ts";
import { serveDav } from "../dav/serve-dav.ts";
import { openTicket, sealTicket } from "./device-ticket.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { OcsError, type OcsRoute } from "./ocs/ocs-route.ts";
import type { SignedInDevice } from "./signed-in-device.ts";

const purpose = "direct-download";
const validHours = 8;

/** What an address opens: the file of that number, as its device sees it when it is asked. */
type Ticket = SignedInDevice & { readonly about: number };

/** `/apps/dav/api/v1/direct`: an address for players that know no password. It opens one file for 8 hours, in as many ranges as they like. */
export function directDownloadRoutes(deps: NextcloudDeps): OcsRoute[] {
  return [
    {
      method: "POST",
      path: "/apps/dav/api/v1/direct",
      handle: async ({ viewer, device, parameters, origin }) => {
        const fileId = parameters.integer("fileId") ?? 0;
        const wanted = parameters.integer("expirationTime") ?? validHours * 3_600;
        if (wanted < 1 || wanted > 24 * 3_600)
          throw new OcsError(400, "Expiration time should be between 0 and 24 hours");
        const place = await findPlaceByFileId(deps.store.read, await openDrive(deps, viewer, device), fileId);
        if (!place) throw new OcsError(404, "");
        if (place.node.kind === "folder") throw new OcsError(400, "Direct download only works for files");
        const validMs = Math.min(wanted, validHours * 3_600) * 1_000;
        const sealed = sealTicket(deps, purpose, { viewer, device }, fileId, validMs);
        return { data: { url: `${origin}/remote.php/direct/${sealed}` } };
      },
    },
  ];
}

/** `/remote.php/direct/<ticket>`. The right is looked at again each time, and whether the device still has one. */
export function serveDirectDownloads(deps: NextcloudDeps): HttpRoute {
  const over = () => new DomainError("not_found", "This address opens nothing any more");
  const authenticate = async (request: IncomingMessage): Promise<Ticket> => {
    const text = /^\/remote\.php\/direct\/([\w-]{40,2000})\/?(?:\?|$)/.exec(request.url ?? "")?.[1];
    const ticket = text === undefined ? undefined : await openTicket<number>(deps, purpose, text);
    if (!ticket) throw over();
    return ticket;
  };
  const handler = serveDav<Ticket>({
    authenticate,
    mounts: [
      {
        path: ["remote.php", "direct", "*"],
        async open({ session }, _names, root) {
          const drive = await openDrive(deps, session.viewer, session.device);
          const place = await findPlaceByFileId(deps.store.read, drive, session.about);
          return place && new OneFile(deps, drive, place, root);
        },
      },
    ],
    log: deps.log,
    onRoute: deps.onRoute,
  });
  return beneath("/remote.php/direct", handler);
}

/** A tree of a single file, to be read. */
class OneFile implements DavTree {
  readonly root: string;
  readonly compliance = "1";
  readonly #deps: NextcloudDeps;
  readonly #drive: OpenedDrive;
  readonly #place: Place;

  constructor(deps: NextcloudDeps, drive: OpenedDrive, place: Place, root: string) {
    this.#deps = deps;
    this.#drive = drive;
    this.#place = place;
    this.root = root;
  }

  allow(): readonly DavMethodName[] {
    return ["OPTIONS", "GET", "HEAD"];
  }

  async find(names: readonly string[]): Promise<DavResource | undefined> {
    if (names.length > 0) return undefined;
    const { node } = this.#place;
    const etag = `"${placeEtag(this.#drive, this.#place)}"`;
    return { names, isCollection: false, etag, modifiedAt: node.modified_at };
  }

  async children(): Promise<readonly DavResource[]> {
    return [];
  }

  async readProperties() {
    return tableReader<DavResource, undefined>(new Map(), undefined);
  }

  async open(): Promise<DavContent> {
    const { access, node } = this.#place;
    const { name, contentType, source } = await openReached(this.#deps, access, node);
    return {
      name,
      contentType,
      size: source.size,
      open: (range) => source.open(range),
      lend: (range) => source.lend(range),
      headers: { "referrer-policy": "no-referrer" },
    };
  }
}
