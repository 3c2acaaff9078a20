import { readSyncMark, type SyncMark, syncFolder } from "../../../domain/drive/sync-folder.ts";
import { DomainError } from "../../../domain/errors.ts";
import { readProp } from "../../../formats/dav-xml/read-property-requests.ts";
import { escapeText } from "../../../formats/dav-xml/write-xml.ts";
import { findChildElement, textOf, type XmlElement } from "../../../formats/dav-xml/xml-element.ts";
import { dav } from "../../../formats/dav-xml/xml-names.ts";
import { DavError } from "../dav-error.ts";
import type { DavMatch, DavReport } from "../dav-tree.ts";
import { type FileResource, toResource } from "./file-resource.ts";
import type { FileSpace } from "./file-space.ts";

/** Of an answer, when the client does not say how many it wants. */
const usualLimit = 5_000;
const mostLimit = 10_000;

const prefix = "bouquet:sync:";

/** A sync-token (RFC 6578 section 4) is a URI that means nothing to others. */
export function writeSyncToken({ fileId, grantsEpoch, since, modseq, nodeId, mountedFiles }: SyncMark): string {
  return `${prefix}${[fileId, grantsEpoch, since, modseq, nodeId, mountedFiles].join(":")}`;
}

export function readSyncToken(token: string): SyncMark | undefined {
  if (!token.startsWith(prefix)) return undefined;
  const match =
    /^(\d{1,15}):(\d{1,15}):(\d{1,15}):(\d{1,15}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9a-f]{8})$/.exec(
      token.slice(prefix.length),
    );
  if (!match) return undefined;
  const [fileId, grantsEpoch, since, modseq] = match.slice(1, 5).map(Number) as [number, number, number, number];
  return { fileId, grantsEpoch, since, modseq, nodeId: match[5]!, mountedFiles: match[6]! };
}

/** The token of a folder as it is now. */
export async function readTokenOf(tree: FileSpace, folder: FileResource): Promise<string> {
  return writeSyncToken(await readSyncMark(tree.deps.store.read, tree.drive, folder.place));
}

/**
 * The report sync-collection (RFC 6578). Folders that are mounted in the folder are told once; at the level infinite with 403 and
 * `sync-traversal-supported`: clients synchronize them by themselves (section 3.3). When a mount comes, goes or moves, tokens start again.
 * @throws DavError 400, 403 `valid-sync-token`, 507 `number-of-matches-within-limits`
 */
export async function syncCollection(tree: FileSpace, folder: FileResource, root: XmlElement): Promise<DavReport> {
  if (!folder.isCollection)
    throw new DavError(403, "Only folders are synchronized", { condition: "<d:supported-report/>" });
  const token = findChildElement(root, dav("sync-token"));
  const text = token ? textOf(token) : "";
  const known = text === "" ? undefined : readSyncToken(text);
  if (text !== "" && !known) throw invalidToken();
  const limit = readLimit(root);
  const isDeep = readLevel(root);
  const changes = await syncFolder(tree.deps.store.read, tree.drive, folder.place, known, {
    isDeep,
    limit: limit ?? usualLimit,
  }).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "cannot_calculate_changes") throw invalidToken();
    throw error;
  });
  if (limit !== undefined && changes.members.length > limit) {
    throw new DavError(507, "A folder that was moved holds more than that", {
      condition: "<d:number-of-matches-within-limits/>",
    });
  }
  const matches: DavMatch[] = changes.members.map(({ names, place }) =>
    place ? { names, resource: toResource(tree.drive, place) } : { names, resource: undefined, status: 404 },
  );
  for (const place of changes.mounts) {
    const resource = toResource(tree.drive, place);
    matches.push(
      isDeep
        ? { names: place.names, resource, status: 403, error: "<d:sync-traversal-supported/>" }
        : { names: place.names, resource },
    );
  }
  // RFC 6578 section 3.6: the folder itself says that there is more.
  if (changes.hasMore) {
    const error = "<d:number-of-matches-within-limits/>";
    matches.push({ names: folder.names, resource: folder, status: 507, error });
  }
  const closing = `<d:sync-token>${escapeText(writeSyncToken(changes.next))}</d:sync-token>`;
  return { request: readProp(root), matches, closing: () => closing };
}

function readLevel(root: XmlElement): boolean {
  const level = findChildElement(root, dav("sync-level"));
  const text = level ? textOf(level).toLowerCase() : "1";
  if (text !== "1" && text !== "infinite" && text !== "infinity")
    throw new DavError(400, "The sync-level is 1 or infinite");
  return text !== "1";
}

function readLimit(root: XmlElement): number | undefined {
  const limit = findChildElement(root, dav("limit"));
  const nresults = limit && findChildElement(limit, dav("nresults"));
  if (!nresults) return undefined;
  const text = textOf(nresults);
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new DavError(400, "nresults is a number");
  return Math.min(mostLimit, Number(text));
}

function invalidToken(): DavError {
  return new DavError(403, "This sync-token is not valid", { condition: "<d:valid-sync-token/>" });
}
