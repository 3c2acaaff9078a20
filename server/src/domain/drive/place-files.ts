import type { ChecksumName } from "../../formats/oc-checksum/checksum.ts";
import type { Reader, Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import {
  type ReachedFolderRow,
  readNamedChildren,
  readUploadFolders,
  readUploadState,
  type UploadStateRow,
} from "../../store/drive/read-upload-places.ts";
import { type HistoryEntry, recordHistory } from "../../store/drive/record-history.ts";
import { type Touch, touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { insertFiles, insertVersions, type NewFileRow, type VersionToInsert } from "../../store/drive/write-files.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { chargeReadQuota, type Quota } from "../quota/charge-quota.ts";
import { contentTypeOf } from "./content-type-of.ts";
import { freeName } from "./find-child.ts";
import type { DriveAccess } from "./model.ts";
import { checkName } from "./node-name.ts";
import {
  type FileContent,
  type FilePlace,
  type Placed,
  type ReachedPlace,
  reachPlace,
  requireReplaceable,
  requireWritable,
} from "./place-file.ts";
import { notAFolder, notFound, requireDepth } from "./reach-node.ts";
import { type ReplacedContent, writeCurrentVersions } from "./set-current-version.ts";

/** A file on its way to its place. */
export interface Arriving {
  place: FilePlace;
  /** The references of its blobs have `versionId` as their owner. */
  content: FileContent & { versionId: string };
}

/** What was read of the places of several files, all at once. */
export interface SurveyedPlaces {
  folders: ReadonlyMap<string, ReachedFolderRow>;
  children: readonly NodeRow[];
  state: UploadStateRow;
}

/**
 * Sends its statements at once.
 * @param options.isWrite numbers are taken for files that will be new
 * @throws DomainError `not_found` for an account without files
 */
export async function surveyPlaces(
  reader: Reader,
  access: DriveAccess,
  places: readonly FilePlace[],
  options: { isWrite?: boolean } = {},
): Promise<SurveyedPlaces> {
  const folderIds = places.map((place) => place.folderId);
  const names = places.map((place) => place.name.normalize("NFC").toWellFormed().replaceAll("\0", ""));
  const own = [...new Set(folderIds)];
  const [folders, children, state] = await Promise.all([
    readUploadFolders(reader, access, own),
    readNamedChildren(reader, access.organizationId, folderIds, names),
    readUploadState(reader, access, own, names, options.isWrite ? places.length : 0),
  ]);
  if (!state) throw notFound();
  return { folders: new Map(folders.map((row) => [row.id, row])), children, state };
}

export function quotaOf({ state }: SurveyedPlaces): Quota {
  return { used: state.used_bytes, limit: state.limit_bytes };
}

/**
 * `reachPlace` from what was surveyed; where there are locks, mounts or a file that is shared alone, by itself.
 * @throws DomainError those of `reachPlace`
 */
export async function reachSurveyed(
  reader: Reader,
  access: DriveAccess,
  place: FilePlace,
  { folders, children, state }: SurveyedPlaces,
): Promise<ReachedPlace> {
  const name = checkName(place.name);
  const folder = folders.get(place.folderId);
  const isInside = access.subtreeId === undefined || folder?.ids.includes(access.subtreeId) === true;
  if (!isInside || state.has_locks || state.mounted.includes(name)) return reachPlace(reader, access, place);
  if (!folder?.is_reached || !access.rights.has("read")) throw notFound();
  if (folder.kind !== "folder") throw notAFolder();
  requireDepth(folder.depth + 1);
  const existing =
    place.onConflict === "rename"
      ? undefined
      : children.find((row) => row.parent_id === folder.id && row.name === name);
  const replaced = existing && requireReplaceable(existing, place.onConflict);
  requireWritable(access, place, replaced);
  return { folder: { organization_id: access.organizationId, id: folder.id }, replaced };
}

/**
 * Gives bytes nodes, or makes them the content of those that have the names; under the feed's lock. When one of them is refused, the
 * transaction must not commit.
 * @param surveyed the places of all, under the lock
 * @throws DomainError those of `reachPlace`, `over_quota`
 */
export async function placeFiles(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  files: readonly Arriving[],
  surveyed: SurveyedPlaces,
): Promise<Placed[]> {
  const placed: Placed[] = [];
  let survey: SurveyedPlaces | undefined = surveyed;
  for (const run of runsOf(files)) {
    survey ??= await surveyPlaces(
      tx,
      access,
      run.map((file) => file.place),
      { isWrite: true },
    );
    placed.push(...(await placeRun(tx, access, modseq, run, survey)));
    survey = undefined;
  }
  return placed;
}

/** What takes the same name must see what came before it, and so must what looks for a free one. */
function runsOf(files: readonly Arriving[]): Arriving[][] {
  const runs: Arriving[][] = [];
  let taken = new Set<string>();
  for (const file of files) {
    const { folderId, name, onConflict } = file.place;
    const key = `${folderId}/${name.normalize("NFC")}`;
    if (runs.length === 0 || taken.has(key) || onConflict === "rename") {
      runs.push([]);
      taken = new Set();
    }
    runs.at(-1)!.push(file);
    taken.add(key);
  }
  return runs;
}

async function placeRun(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  files: readonly Arriving[],
  survey: SurveyedPlaces,
): Promise<Placed[]> {
  const created: NewFileRow[] = [];
  const replaced: ReplacedContent[] = [];
  const versions: VersionToInsert[] = [];
  const touches: Touch[] = [];
  const placed: Placed[] = [];
  let bytes = 0;
  for (const [index, { place, content }] of files.entries()) {
    const { folder, replaced: file } = await reachSurveyed(tx, access, place, survey);
    const wanted = checkName(place.name);
    const { size, versionId } = content;
    const modifiedAt = place.modifiedAt ?? new Date();
    const contentType = contentTypeOf(wanted, place.contentType);
    const id = file?.id ?? uuidv7();
    const fileId = file?.file_id ?? Number(survey.state.file_ids[index]);
    bytes += size - (file?.size ?? 0);
    if (file) {
      replaced.push({ file, version: { id: versionId, size, contentType, modifiedAt } });
      // The file's own tree_modseq and tree_bytes move with those of the folders above it.
      touches.push({ folderId: id, bytes: size - file.size, files: 0 });
    } else {
      const name = place.onConflict === "rename" ? await freeName(tx, folder, wanted, "file") : wanted;
      const row = { nodeId: id, fileId, parentId: folder.id, name, size, contentType, versionId, modifiedAt };
      created.push({ ...row, createdAt: place.createdAt });
      touches.push({ folderId: folder.id, bytes: size, files: 1 });
    }
    versions.push(toVersion(id, content, modifiedAt));
    placed.push({ id, fileId, versionId, isNew: !file });
  }
  chargeReadQuota(tx, access, "files", bytes, quotaOf(survey));
  const by = access.viewer?.principalId ?? null;
  insertFiles(tx, access, modseq, by, created);
  insertVersions(tx, access, access.viewer, versions);
  writeCurrentVersions(tx, access, modseq, replaced);
  const history = created.map(({ nodeId, parentId, name, versionId }): HistoryEntry => {
    return { action: "created", nodeId, kind: "file", files: 1, after: { parentId, name, versionId } };
  });
  recordHistory(tx, access, modseq, access, ...history);
  tx.trail(touchAncestors(tx, access.organizationId, modseq, touches));
  return placed;
}

function toVersion(nodeId: string, { versionId, ...content }: Arriving["content"], modifiedAt: Date): VersionToInsert {
  const known = new Map<ChecksumName, Buffer>(content.checksums.map(({ name, value }) => [name, value]));
  return {
    ...{ id: versionId, nodeId, size: content.size, modifiedAt, segments: content.segments },
    isUnscanned: content.isUnscanned,
    sha256: content.sha256 ?? known.get("SHA256") ?? null,
    sha1: known.get("SHA1") ?? null,
    md5: known.get("MD5") ?? null,
    adler32: known.get("ADLER32") ?? null,
    sha3_256: known.get("SHA3-256") ?? null,
  };
}
