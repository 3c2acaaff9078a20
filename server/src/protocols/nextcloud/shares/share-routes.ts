import { findPlace, type Place } from "../../../domain/drive/drive-place.ts";
import { type OpenedDrive, openDrive } from "../../../domain/drive/open-drive.ts";
import { DomainError } from "../../../domain/errors.ts";
import { readProfile } from "../../../domain/identity/profile.ts";
import { changeShare, endShare } from "../../../domain/sharing/change-share.ts";
import { createShareLink } from "../../../domain/sharing/create-share-link.ts";
import { findSharee } from "../../../domain/sharing/find-sharees.ts";
import { listLeftShares, takeUpShare } from "../../../domain/sharing/left-shares.ts";
import { listMyShareLinks, listShareLinks, openShareLink } from "../../../domain/sharing/list-share-links.ts";
import {
  listInheritedShares,
  listSharedWithMe,
  listShares,
  listSharesByMe,
  openShare,
} from "../../../domain/sharing/list-shares.ts";
import type { LinkSettings, ShareLink, SharerAccess, SharingDeps } from "../../../domain/sharing/model.ts";
import type { Share } from "../../../domain/sharing/share.ts";
import { shareNode } from "../../../domain/sharing/share-node.ts";
import { revokeShareLink, sendShareLink, updateShareLink } from "../../../domain/sharing/update-share-link.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";
import { OcsError, type OcsRequest, type OcsRoute } from "../ocs/ocs-route.ts";
import type { Parameters } from "../parameters.ts";
import { type Describing, describeLink, describeShare, shareType } from "./describe-share.ts";
import { readShareEnd } from "./share-end.ts";
import { linkRightsOfBits, rightsOfBits } from "./share-permissions.ts";

export interface ShareRoutesDeps extends NextcloudDeps, SharingDeps {
  readonly mayHavePreview: (contentType: string) => boolean;
}

const base = "/apps/files_sharing/api/v1";

/** The sharing API: `/apps/files_sharing/api/v1/shares`, and what stands beside it. */
export function shareRoutes(deps: ShareRoutesDeps): OcsRoute[] {
  const { mayHavePreview } = deps;
  const open = async ({ viewer, device }: OcsRequest): Promise<Describing> => {
    const [drive, profile] = await Promise.all([openDrive(deps, viewer, device), readProfile(deps.store.read, viewer)]);
    return { deps, viewer, drive, timeZone: profile.timeZone, mayHavePreview };
  };
  const nothing = () => ({ data: [] });
  return [
    {
      method: "GET",
      path: `${base}/shares`,
      handle: async (request) => ({ data: await list(deps, await open(request), request) }),
    },
    {
      method: "POST",
      path: `${base}/shares`,
      handle: async (request) => ({ data: await create(deps, await open(request), request) }),
    },
    {
      method: "GET",
      path: `${base}/shares/inherited`,
      handle: async (request) => ({ data: await inherited(deps, await open(request), request) }),
    },
    // What is shared is there at once: nothing waits to be accepted, and nothing comes from other servers.
    { method: "GET", path: `${base}/shares/pending`, handle: nothing },
    { method: "GET", path: `${base}/remote_shares`, handle: nothing },
    { method: "GET", path: `${base}/remote_shares/pending`, handle: nothing },
    {
      method: "GET",
      path: `${base}/deletedshares`,
      handle: async (request) => {
        const by = await open(request);
        const left = await listLeftShares(deps, request.viewer);
        return { data: await Promise.all(left.map((share) => describeShare(by, share))) };
      },
    },
    {
      method: "POST",
      path: `${base}/deletedshares/{id}`,
      handle: async ({ viewer, path }) => {
        await takeUpShare(deps, viewer, numberOf(path.id!)).catch(asUnknown);
        return {};
      },
    },
    {
      method: "GET",
      path: `${base}/shares/{id}`,
      handle: async (request) => {
        const by = await open(request);
        const found = await find(deps, request);
        return { data: [await ("token" in found ? describeLink(by, found) : describeShare(by, found))] };
      },
    },
    {
      method: "PUT",
      path: `${base}/shares/{id}`,
      handle: async (request) => ({ data: await change(deps, await open(request), request) }),
    },
    {
      method: "DELETE",
      path: `${base}/shares/{id}`,
      handle: async (request) => {
        const found = await find(deps, request);
        if ("token" in found) await revokeShareLink(deps, request.viewer, found.id);
        else await endShare(deps, request.viewer, found.number, request.device);
        return {};
      },
    },
    {
      method: "POST",
      path: `${base}/shares/{id}/send-email`,
      handle: async (request) => {
        const found = await find(deps, request);
        if (!("token" in found) || found.recipient === null)
          throw new OcsError(403, "Only mail shares are sent by mail");
        await sendShareLink(deps, request.viewer, found.id);
        return {};
      },
    },
  ];
}

function numberOf(text: string): number {
  // Newer clients put before the number by whom it is kept: « ocinternal:12 ».
  const digits = /^(?:oc[A-Za-z]+:)?(\d{1,15})$/.exec(text)?.[1];
  if (digits === undefined) throw unknownShare();
  return Number(digits);
}

const unknownShare = () => new OcsError(404, "Wrong share ID, share does not exist");

function asUnknown(error: unknown): never {
  if (error instanceof DomainError && error.code === "not_found") throw unknownShare();
  throw error;
}

/** A share by its number, which links have too. */
async function find(deps: ShareRoutesDeps, { viewer, path }: OcsRequest): Promise<Share | ShareLink> {
  const number = numberOf(path.id!);
  const link = await openShareLink(deps, viewer, { number }).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "not_found") return undefined;
    throw error;
  });
  if (link) return link.link;
  return (await openShare(deps, viewer, number).catch(asUnknown)).share;
}

async function placeOf(deps: ShareRoutesDeps, drive: OpenedDrive, path: string): Promise<Place> {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  const place = names.includes("..") ? undefined : await findPlace(deps.store.read, drive, names);
  if (!place) throw new OcsError(404, "Wrong path, file/folder does not exist");
  return place;
}

/** As the sharing functions want it: with who asks. */
function sharerOf(by: Describing, place: Place): SharerAccess {
  return { ...place.access, viewer: by.viewer };
}

async function list(deps: ShareRoutesDeps, by: Describing, { parameters, viewer }: OcsRequest) {
  if (parameters.flag("shared_with_me")) {
    const path = parameters.text("path");
    const only = path === undefined ? undefined : (await placeOf(deps, by.drive, path)).node.id;
    const received = await listSharedWithMe(deps, viewer, by.drive);
    const wanted = received.filter(({ share }) => only === undefined || share.node.id === only);
    return Promise.all(wanted.map(({ share }) => describeShare(by, share)));
  }
  const path = parameters.text("path");
  let shares: Share[];
  let links: ShareLink[];
  if (path === undefined) {
    [shares, links] = await Promise.all([listSharesByMe(deps, viewer), listMyShareLinks(deps, viewer)]);
    if (!parameters.flag("reshares"))
      shares = shares.filter((share) => share.createdBy?.principalId === viewer.principalId);
  } else {
    const place = await placeOf(deps, by.drive, path);
    const access = sharerOf(by, place);
    if (parameters.flag("subfiles")) {
      if (place.node.kind !== "folder") throw new OcsError(400, "Not a directory");
      shares = await listShares(deps, access, place.node.id, { beneath: true });
      links = await listShareLinks(deps, access, place.node.id, { beneath: true });
    } else {
      shares = await listShares(deps, access, place.node.id);
      links = await listShareLinks(deps, access, place.node.id);
    }
    links = links.filter((link) => link.token !== null);
    if (!parameters.flag("reshares") && !parameters.flag("subfiles")) {
      shares = shares.filter((share) => share.createdBy?.principalId === viewer.principalId);
      links = links.filter((link) => link.createdById === viewer.principalId);
    }
  }
  const described = [
    ...(await Promise.all(shares.map((share) => describeShare(by, share)))),
    ...(await Promise.all(links.map((link) => describeLink(by, link)))),
  ];
  return described.sort((a, b) => Number(a["id"]) - Number(b["id"]));
}

async function inherited(deps: ShareRoutesDeps, by: Describing, { parameters }: OcsRequest) {
  const place = await placeOf(deps, by.drive, requirePath(parameters));
  const shares = await listInheritedShares(deps, sharerOf(by, place), place.node.id);
  return Promise.all(shares.map((share) => describeShare(by, share)));
}

function requirePath(parameters: Parameters): string {
  const path = parameters.text("path");
  if (path === undefined) throw new OcsError(404, "Please specify a file or folder path");
  return path;
}

async function create(deps: ShareRoutesDeps, by: Describing, { parameters, viewer }: OcsRequest) {
  const place = await placeOf(deps, by.drive, requirePath(parameters));
  const access = sharerOf(by, place);
  const type = parameters.integer("shareType") ?? -1;
  const isFolder = place.node.kind === "folder";
  const bits = parameters.integer("permissions");
  const shareWith = parameters.text("shareWith") ?? "";
  const expiresAt = readShareEnd(parameters.text("expireDate"), by.timeZone);
  const note = parameters.text("note");
  if (type === shareType.user || type === shareType.group) {
    const isGroup = type === shareType.group;
    const missing = new OcsError(
      404,
      isGroup ? "Please specify a valid group" : "Please specify a valid account to share with",
    );
    if (shareWith === "") throw missing;
    if (mayNotDownload(parameters) === true) throw new OcsError(400, "Colleagues may download what they may read");
    const sharee = await findSharee(deps, viewer, shareWith, isGroup ? "group" : "person").catch((error: unknown) => {
      if (error instanceof DomainError && error.code === "not_found") throw missing;
      throw error;
    });
    // Without a word of it, all that the giver may; nobody is given less than reading.
    const wanted = rightsOfBits((bits ?? (isFolder ? 31 : 19)) | 1);
    const rights = bits === undefined ? new Set([...wanted].filter((right) => access.rights.has(right))) : wanted;
    const share = await shareNode(deps, access, place.node.id, sharee, { rights, expiresAt, note }).catch(asRefused);
    return describeShare(by, share);
  }
  if (type !== shareType.link && type !== shareType.mail) throw new OcsError(400, "Unknown share type");
  if (type === shareType.mail && shareWith === "") throw new OcsError(404, "Please specify a valid email address");
  const password = parameters.text("password");
  const settings: LinkSettings = {
    rights: linkRightsOfBits(isFolder && parameters.flag("publicUpload") ? 15 : (bits ?? 1)),
    expiresAt,
    note,
    label: parameters.text("label"),
    ...(password && { password }),
    ...(mayNotDownload(parameters) === true && { mayDownload: false }),
    ...(type === shareType.mail && { recipient: shareWith }),
  };
  return describeLink(by, await createShareLink(deps, access, place.node.id, settings).catch(asRefused));
}

async function change(deps: ShareRoutesDeps, by: Describing, request: OcsRequest) {
  const { parameters, viewer } = request;
  const found = await find(deps, request);
  const known = [
    "permissions",
    "password",
    "publicUpload",
    "expireDate",
    "note",
    "label",
    "hideDownload",
    "attributes",
  ];
  if (!known.some((name) => parameters.has(name))) throw new OcsError(400, "Wrong or no update parameter given");
  const bits = parameters.integer("permissions");
  const note = parameters.text("note");
  const expiresAt = readShareEnd(parameters.text("expireDate"), by.timeZone, found.expiresAt);
  if (!("token" in found)) {
    if (mayNotDownload(parameters) === true) throw new OcsError(400, "Colleagues may download what they may read");
    const rights = bits === undefined ? undefined : rightsOfBits(bits | 1);
    const changed = await changeShare(deps, viewer, found.number, { rights, expiresAt, note }).catch(asRefused);
    return describeShare(by, changed);
  }
  const password = parameters.text("password");
  const upload = parameters.flag("publicUpload");
  const hidden = mayNotDownload(parameters);
  const rights = bits ?? (upload === undefined ? undefined : upload ? 15 : 1);
  const changed = await updateShareLink(deps, viewer, found.id, {
    ...(rights !== undefined && { rights: linkRightsOfBits(rights) }),
    expiresAt,
    note,
    label: parameters.text("label"),
    ...(password !== undefined && { password: password === "" ? null : password }),
    ...(hidden !== undefined && { mayDownload: !hidden }),
  }).catch(asRefused);
  return describeLink(by, changed);
}

/** By `hideDownload`, or the attribute of the newer clients. */
function mayNotDownload(parameters: Parameters): boolean | undefined {
  const hidden = parameters.flag("hideDownload");
  if (hidden !== undefined) return hidden;
  const raw = parameters.raw("attributes");
  if (raw === undefined || raw === null || raw === "") return undefined;
  let attributes: unknown = raw;
  if (typeof raw === "string") {
    try {
      attributes = JSON.parse(raw);
    } catch {
      throw new OcsError(400, "Invalid share attributes provided");
    }
  }
  if (!Array.isArray(attributes)) throw new OcsError(400, "Invalid share attributes provided");
  for (const each of attributes as { scope?: unknown; key?: unknown; value?: unknown; enabled?: unknown }[]) {
    if (each?.scope === "permissions" && each.key === "download") return (each.value ?? each.enabled) === false;
  }
  return undefined;
}

/** What Nextcloud's clients are told when it is shared with them already: 403. */
function asRefused(error: unknown): never {
  if (error instanceof DomainError && error.code === "already_exists") throw new OcsError(403, error.message);
  throw error;
}
