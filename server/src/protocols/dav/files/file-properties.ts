import type { Detail, PlaceDetails, Sharee } from "../../../domain/drive/describe-places.ts";
import type { NodeLock } from "../../../domain/drive/locks/node-lock.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import { dav, nc, oc, type XmlName } from "../../../formats/dav-xml/xml-names.ts";
import { bareToken, supportedLock, writeActiveLock } from "../lock-xml.ts";
import { type LiveProperty, live, ordinary, type PropertyTable, text } from "../property-table.ts";
import { ocId } from "./file-headers.ts";
import type { FileResource } from "./file-resource.ts";
import { permissionLetters, permissionSum } from "./permission-letters.ts";
import { toDavLock } from "./to-dav-lock.ts";

/** What the properties of one batch are made of. */
export interface FileListing extends PlaceDetails {
  readonly drive: OpenedDrive;
  readonly root: string;
  readonly instance: string;
  /** Where the drive's pages are, without a slash at its end. */
  readonly origin: string;
  readonly mayHavePreview: (contentType: string) => boolean;
  readonly syncToken: (resource: FileResource) => string | undefined;
}

type Getter = (resource: FileResource, listing: FileListing) => string | undefined;
type Row = readonly [XmlName, LiveProperty<FileResource, FileListing>];

const folderOnly =
  (get: Getter): Getter =>
  (resource, listing) =>
    resource.isCollection ? get(resource, listing) : undefined;
const fileOnly =
  (get: Getter): Getter =>
  (resource, listing) =>
    resource.isCollection ? undefined : get(resource, listing);
const seconds = (date: Date): string => String(Math.floor(date.getTime() / 1_000));
const nameOf = ({ names }: FileResource): string => names.at(-1) ?? "";

const webDav: readonly Row[] = [
  ordinary(dav("resourcetype"), ({ isCollection }) => (isCollection ? "<d:collection/>" : "")),
  ordinary(dav("displayname"), (resource, { drive }) => text(nameOf(resource) || drive.viewer.displayName)),
  ordinary(dav("getlastmodified"), ({ modifiedAt }) => modifiedAt.toUTCString()),
  ordinary(dav("creationdate"), ({ place }) => place.node.created_at.toISOString().replace(/\.\d+Z$/, "Z")),
  ordinary(dav("getetag"), ({ etag }) => text(etag)),
  ordinary(
    dav("getcontentlength"),
    fileOnly(({ place }) => String(place.node.size)),
  ),
  ordinary(
    dav("getcontenttype"),
    fileOnly(({ place }) => text(place.node.content_type)),
  ),
  ordinary(dav("supportedlock"), () => supportedLock),
  ordinary(dav("lockdiscovery"), (resource, { locks, root }) =>
    (locks.get(resource.place.node.id) ?? [])
      .filter((lock) => lock.kind !== "user")
      .map((lock) => writeActiveLock({ root }, toDavLock(lock, resource.names)))
      .join(""),
  ),
  live(
    dav("quota-available-bytes"),
    folderOnly(({ place }, { quotas }) => {
      const quota = quotas.get(place.node.account_id);
      return quota && String(Math.max(0, quota.limit - quota.used));
    }),
  ),
  live(
    dav("quota-used-bytes"),
    folderOnly(({ place, names }, { quotas }) => {
      // Of the root, what the account uses, trash and all (RFC 4331 section 4); of a folder, what is in it.
      const quota = names.length === 0 ? quotas.get(place.node.account_id) : undefined;
      return String(quota?.used ?? place.node.tree_bytes);
    }),
  ),
  live(dav("sync-token"), (resource, { syncToken }) => syncToken(resource)),
  live(
    dav("supported-report-set"),
    folderOnly(() => supportedReports),
  ),
  live(dav("current-user-principal"), (_resource, { drive, root }) => `<d:href>${principalHref(root, drive)}</d:href>`),
  live(dav("owner"), ({ place }, { drive, root }) =>
    place.mount ? undefined : `<d:href>${principalHref(root, drive)}</d:href>`,
  ),
  live(dav("current-user-privilege-set"), ({ place }) => {
    const { rights } = place.access;
    const privileges = ["read", ...(rights.has("write") ? ["write", "write-content", "write-properties"] : [])];
    const members = [...(rights.has("create") ? ["bind"] : []), ...(rights.has("delete") ? ["unbind"] : [])];
    return [...privileges, ...members].map((each) => `<d:privilege><d:${each}/></d:privilege>`).join("");
  }),
];

const supportedReports = [dav("sync-collection"), oc("filter-files")]
  .map((name) => {
    const element = name.startsWith("{DAV:}") ? "<d:sync-collection/>" : "<oc:filter-files/>";
    return `<d:supported-report><d:report>${element}</d:report></d:supported-report>`;
  })
  .join("");

function principalHref(root: string, drive: OpenedDrive): string {
  const start = root.startsWith("/dav/") ? "/dav" : "/remote.php/dav";
  return `${start}/principals/users/${encodeURIComponent(drive.viewer.uid)}/`;
}

const ownCloud: readonly Row[] = [
  live(oc("id"), ({ place }, { instance }) => ocId(place.node.file_id, instance)),
  live(oc("fileid"), ({ place }) => String(place.node.file_id)),
  live(oc("permissions"), ({ place }) => permissionLetters(place)),
  live(oc("size"), ({ place }) => String(place.node.tree_bytes)),
  live(oc("checksums"), ({ place }, { versions }) => {
    const version = place.node.version_id === null ? undefined : versions.get(place.node.version_id);
    if (!version) return undefined;
    const known: [string, Buffer | null][] = [
      ["SHA3-256", version.sha3_256],
      ["SHA1", version.sha1],
      ["MD5", version.md5],
      ["ADLER32", version.adler32],
    ];
    const written = known.flatMap(([name, value]) => (value ? [`${name}:${value.toString("hex")}`] : []));
    return written.length === 0 ? undefined : `<oc:checksum>${written.join(" ")}</oc:checksum>`;
  }),
  live(oc("favorite"), ({ place }, { favorites }) => (favorites.has(place.node.id) ? "1" : "0")),
  live(oc("tags"), ({ place }, { tags }) =>
    (tags.get(place.node.id) ?? []).map(({ name }) => `<oc:tag>${text(name)}</oc:tag>`).join(""),
  ),
  live(oc("owner-id"), ({ place }, { drive }) => text(place.mount?.owner.uid ?? drive.viewer.uid)),
  live(oc("owner-display-name"), ({ place }, { drive }) =>
    text(place.mount?.owner.displayName ?? drive.viewer.displayName),
  ),
  live(oc("share-types"), ({ place }, { sharees }) =>
    [...new Set((sharees.get(place.node.id) ?? []).map(shareType))]
      .map((type) => `<oc:share-type>${type}</oc:share-type>`)
      .join(""),
  ),
  live(oc("comments-count"), ({ place }, { comments }) => String(comments.get(place.node.id)?.count ?? 0)),
  live(oc("comments-unread"), ({ place }, { comments }) => String(comments.get(place.node.id)?.unread ?? 0)),
  live(oc("comments-href"), ({ place }, { root }) => {
    const start = root.startsWith("/dav/") ? "/dav" : "/remote.php/dav";
    return `${start}/comments/files/${place.node.file_id}`;
  }),
  live(oc("data-fingerprint"), () => ""),
  live(oc("privatelink"), ({ place }, { origin }) => text(`${origin}/index.php/f/${place.node.file_id}`)),
];

const nextcloud: readonly Row[] = [
  live(nc("has-preview"), ({ place, isCollection }, { mayHavePreview }) =>
    !isCollection && mayHavePreview(place.node.content_type) ? "true" : "false",
  ),
  live(nc("mount-type"), ({ place }) =>
    place.mount === undefined ? "" : place.mount.kind === "share" ? "shared" : "group",
  ),
  live(nc("is-mount-root"), ({ place }) => String(place.isMountPoint)),
  live(
    nc("is-encrypted"),
    folderOnly(() => "0"),
  ),
  live(
    nc("contained-folder-count"),
    folderOnly(({ place }, { folders }) => String(folders.get(place.node.id) ?? 0)),
  ),
  live(
    nc("contained-file-count"),
    folderOnly(({ place }, { files }) => String(files.get(place.node.id) ?? 0)),
  ),
  live(
    nc("rich-workspace"),
    folderOnly(() => ""),
  ),
  live(nc("hidden"), () => "false"),
  live(nc("share-attributes"), () => "[]"),
  live(nc("creation_time"), ({ place }) => seconds(place.node.created_at)),
  live(nc("upload_time"), ({ place }, { versions }) => {
    const version = place.node.version_id === null ? undefined : versions.get(place.node.version_id);
    return version ? seconds(version.created_at) : undefined;
  }),
  live(nc("note"), ({ place }, { notes }) =>
    place.isMountPoint ? text(notes.get(place.mount?.shareNumber ?? 0) ?? "") : "",
  ),
  live(nc("sharees"), ({ place }, { sharees }) =>
    (sharees.get(place.node.id) ?? [])
      .map(
        (sharee) =>
          `<nc:sharee><nc:id>${text(sharee.uid)}</nc:id><nc:display-name>${text(sharee.displayName)}</nc:display-name><nc:type>${shareType(sharee)}</nc:type></nc:sharee>`,
      )
      .join(""),
  ),
  live(nc("system-tags"), ({ place }, { tags }) =>
    (tags.get(place.node.id) ?? [])
      .map(
        ({ number, name }) =>
          `<nc:system-tag oc:id="${number}" oc:user-visible="true" oc:user-assignable="true" oc:can-assign="true">${text(name)}</nc:system-tag>`,
      )
      .join(""),
  ),
];

/** Of the sharing API: 0 a person, 1 a group, 3 a link, 4 mail. */
function shareType({ kind }: Pick<Sharee, "kind">): number {
  if (kind === "link") return 3;
  if (kind === "mail") return 4;
  return kind === "person" ? 0 : 1;
}

/** What files_lock shows of the lock on a file itself, or of one on a folder above it. */
const lockRow = (name: string, get: (lock: NodeLock) => string): Row =>
  live(nc(name), ({ place }, { locks }) => {
    const lock = locks.get(place.node.id)?.[0];
    return lock && get(lock);
  });

const kinds = { user: "0", app: "1", dav: "2" } as const;

export const lockProperties: PropertyTable<FileResource, FileListing> = new Map([
  live(nc("lock"), ({ place }: FileResource, { locks }: FileListing) => (locks.get(place.node.id)?.[0] ? "1" : "")),
  lockRow("lock-owner-type", (lock) => kinds[lock.kind]),
  lockRow("lock-owner", (lock) => text(lock.holder.uid)),
  lockRow("lock-owner-displayname", (lock) => text(lock.holder.displayName)),
  lockRow("lock-owner-editor", (lock) => (lock.kind === "app" ? text(lock.ownerXml ?? "") : "")),
  lockRow("lock-time", (lock) => seconds(lock.createdAt)),
  lockRow("lock-timeout", (lock) =>
    String(lock.expiresAt ? Math.round((lock.expiresAt.getTime() - lock.createdAt.getTime()) / 1_000) : 0),
  ),
  lockRow("lock-token", (lock) => text(bareToken(lock))),
]);

export const fileProperties: PropertyTable<FileResource, FileListing> = new Map([
  ...webDav,
  ...ownCloud,
  ...nextcloud,
  ...lockProperties,
  live<FileResource, FileListing>(oc("share-permissions"), ({ place }) => String(permissionSum(place))),
  live<FileResource, FileListing>("{http://open-collaboration-services.org/ns}share-permissions", ({ place }) =>
    String(permissionSum(place)),
  ),
]);

const needs: ReadonlyMap<XmlName, Detail> = new Map<XmlName, Detail>([
  [oc("checksums"), "version"],
  [nc("upload_time"), "version"],
  [oc("favorite"), "favorite"],
  [oc("share-types"), "sharees"],
  [nc("sharees"), "sharees"],
  [oc("tags"), "tags"],
  [nc("system-tags"), "tags"],
  [oc("comments-count"), "comments"],
  [oc("comments-unread"), "comments"],
  [nc("contained-folder-count"), "children"],
  [nc("contained-file-count"), "children"],
  [dav("quota-available-bytes"), "quota"],
  [dav("quota-used-bytes"), "quota"],
  [nc("note"), "note"],
  [dav("lockdiscovery"), "locks"],
  ...[...lockProperties.keys()].map((name): [XmlName, Detail] => [name, "locks"]),
]);

/** What must be read for properties: dead ones for any that is not of the table. */
export function detailsFor(names: ReadonlySet<XmlName>, wantsDead: boolean): Set<Detail> {
  const details = new Set<Detail>();
  for (const name of names) {
    const need = needs.get(name);
    if (need) details.add(need);
  }
  if (wantsDead) details.add("properties");
  return details;
}

/** Namespaces in which clients look for live properties only: one that is not there is nobody's own. */
export function mayBeDead(name: XmlName): boolean {
  return !fileProperties.has(name) && !/^\{(DAV:|http:\/\/(owncloud|nextcloud)\.org\/ns)\}/.test(name);
}
