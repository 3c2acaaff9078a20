import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { findPlace, findPlaceByFileId, type Place } from "../../../domain/drive/drive-place.ts";
import { listVersions } from "../../../domain/drive/list-versions.ts";
import type { DriveAccess } from "../../../domain/drive/model.ts";
import { type OpenedDrive, openDrive } from "../../../domain/drive/open-drive.ts";
import { type OpenedFile, openFile } from "../../../domain/drive/open-file.ts";
import type { Previews } from "../../../domain/drive/previews/open-previews.ts";
import { findTrashedByFileId, openTrashedFile } from "../../../domain/drive/viewer-trash.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { SharingDeps } from "../../../domain/sharing/model.ts";
import { openLinkDrive } from "../../../domain/sharing/open-link-drive.ts";
import { requireOpenedLink } from "../../../domain/sharing/resolve-share-link.ts";
import { authenticateDav } from "../../dav/authenticate-dav.ts";
import { hasPreview, previewEtag, previewHeaders, previewVariant, signalOf } from "../../shared/preview-headers.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";
import type { PageRoute } from "../page-route.ts";
import { Parameters, readParameters } from "../parameters.ts";
import { findVersionByName } from "../versions/version-tree.ts";
import { iconPath } from "./file-icons.ts";

export interface PreviewRouteDeps extends NextcloudDeps, SharingDeps {
  readonly previews: Previews;
}

interface Found {
  readonly access: Pick<DriveAccess, "organizationId" | "accountId">;
  readonly file: OpenedFile;
  /** Its downloads are counted: it is not to be read from its picture. */
  readonly isCounted?: boolean;
}

type Path = Readonly<Record<string, string>>;

/** Pictures of files, at the addresses at which Nextcloud has them. */
export function previewRoutes(deps: PreviewRouteDeps): PageRoute[] {
  const { read } = deps.store;

  const open = async (request: IncomingMessage): Promise<OpenedDrive> => {
    const { viewer, device } = await authenticateDav(deps.authenticator, request);
    return openDrive(deps, viewer, device);
  };
  const fileAt = async (place: Place | undefined, versionId?: string): Promise<Found> => {
    if (place?.node.kind !== "file") throw noFile();
    return { access: place.access, file: await openFile(deps, place.access, place.node.id, versionId) };
  };
  const byPath = (drive: OpenedDrive, path: string) => findPlace(read, drive, namesOf(path));

  async function named(request: IncomingMessage, parameters: Parameters): Promise<Found> {
    const path = parameters.text("file") ?? "";
    if (path === "") throw new DomainError("invalid", "The parameter file is missing");
    return fileAt(await byPath(await open(request), path));
  }

  async function numbered(request: IncomingMessage, parameters: Parameters): Promise<Found> {
    return fileAt(await findPlaceByFileId(read, await open(request), fileIdOf(parameters)));
  }

  async function trashed(request: IncomingMessage, parameters: Parameters): Promise<Found> {
    const place = await findTrashedByFileId(read, await open(request), fileIdOf(parameters));
    if (place?.node.kind !== "file") throw noFile();
    return { access: place.access, file: await openTrashedFile(deps, place.node) };
  }

  async function ofVersion(request: IncomingMessage, parameters: Parameters): Promise<Found> {
    const name = parameters.text("version") ?? "";
    const path = parameters.text("file") ?? "";
    if (name === "" || path === "") throw new DomainError("invalid", "The file or the version is missing");
    const place = await byPath(await open(request), path);
    if (place?.node.kind !== "file") throw noFile();
    const version = findVersionByName(await listVersions(read, place.access, place.node.id), name);
    if (!version) throw noFile();
    return fileAt(place, version.id);
  }

  async function shared(request: IncomingMessage, parameters: Parameters, { token }: Path): Promise<Found> {
    const password = passwordOf(request);
    const visit = { token: token!, remoteAddress: deps.settings.clientAddress(request), ...(password && { password }) };
    const link = await requireOpenedLink(deps, visit);
    // A link that only receives shows nothing of what it leads to.
    if (!link.access.rights.has("read")) throw noFile();
    const drive = await openLinkDrive(read, link);
    const found = await fileAt(await byPath(drive, parameters.text("file") ?? ""));
    return { ...found, isCounted: link.downloadLimit !== null };
  }

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    parameters: Parameters,
    { access, file, isCounted }: Found,
    mayStore: boolean,
  ): Promise<void> {
    const asked = previewVariant({
      width: parameters.integer("x") ?? 32,
      height: parameters.integer("y") ?? 32,
      isCropped: parameters.flag("a") !== true,
      covers: parameters.text("mode") === "cover",
    });
    const wanted = isCounted ? "small" : asked;
    if (hasPreview(request.headers["if-none-match"], previewEtag(file.versionId, wanted))) {
      return void response.writeHead(304, { etag: previewEtag(file.versionId, wanted) }).end();
    }
    const { versionId } = file;
    const version = { organizationId: access.organizationId, accountId: access.accountId, ...file };
    const preview = await deps.previews.open(version, wanted, signalOf(response)).catch((error: unknown) => {
      const hasNone = error instanceof DomainError && error.code === "not_found";
      if (hasNone && parameters.flag("mimeFallback")) return undefined;
      throw error;
    });
    if (!preview)
      return void response.writeHead(303, { location: iconPath(file.contentType), "content-length": 0 }).end();
    response.writeHead(200, previewHeaders(preview, { versionId, variant: wanted, mayStore }));
    if (request.method === "HEAD") return void response.end();
    await pipeline(preview.source.open(), response);
  }

  const route = (
    path: string,
    find: (request: IncomingMessage, parameters: Parameters, path: Path) => Promise<Found>,
    mayStore = true,
  ): PageRoute => ({
    method: "GET",
    path,
    handle: async (request, response, inPath) => {
      const parameters = await readParameters(request);
      if (parameters.integer("x") === 0 || parameters.integer("y") === 0) {
        throw new DomainError("invalid", "The size is malformed");
      }
      await answer(request, response, parameters, await find(request, parameters, inPath), mayStore);
    },
  });

  return [
    route("/core/preview.png", (request, parameters) =>
      parameters.text("file") ? named(request, parameters) : numbered(request, parameters),
    ),
    route("/core/preview", numbered),
    route("/apps/files_trashbin/preview", trashed),
    route("/apps/files_versions/preview", ofVersion),
    route("/apps/files_sharing/publicpreview/{token}", shared, false),
    route("/s/{token}/preview", shared, false),
    {
      method: "GET",
      path: "/apps/files/api/v1/thumbnail/{x}/{y}/{file*}",
      handle: async (request, response, { x, y, file }) => {
        const given = new Map<string, string>([...Object.entries({ x: x!, y: y! }), ["file", file!]]);
        const parameters = new Parameters(given);
        if (!(parameters.integer("x")! > 0 && parameters.integer("y")! > 0)) {
          throw new DomainError("invalid", "Requested size must be numeric and a positive value.");
        }
        await answer(request, response, parameters, await named(request, parameters), true);
      },
    },
  ];
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

function fileIdOf(parameters: Parameters): number {
  const fileId = parameters.integer("fileId");
  if (fileId === undefined) throw new DomainError("invalid", "The parameter fileId is missing");
  return fileId;
}

/** Of a link: its name is the token, and the password alone matters. */
function passwordOf(request: IncomingMessage): string | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "") ?? [];
  const text = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("utf8");
  return text.includes(":") ? text.slice(text.indexOf(":") + 1) : undefined;
}

function noFile(): DomainError {
  return new DomainError("not_found", "There is no such file");
}
