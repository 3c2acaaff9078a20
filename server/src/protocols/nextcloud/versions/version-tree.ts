import { deleteVersion, labelVersion } from "../../../domain/drive/change-version.ts";
import { findPlaceByFileId } from "../../../domain/drive/drive-place.ts";
import { type FileVersion, listVersions, restoreVersion } from "../../../domain/drive/list-versions.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import { openFile } from "../../../domain/drive/open-file.ts";
import type { PropertyChange, PropertyRequest } from "../../../formats/dav-xml/read-property-requests.ts";
import { textOf } from "../../../formats/dav-xml/xml-element.ts";
import type { XmlName } from "../../../formats/dav-xml/xml-names.ts";
import { DavError } from "../../dav/dav-error.ts";
import type {
  DavContent,
  DavDestination,
  DavMethodName,
  DavTree,
  DavWritten,
  PropertyStatus,
} from "../../dav/dav-tree.ts";
import type { FileTreeDeps } from "../../dav/files/file-space.ts";
import { type PropertyReader, tableReader } from "../../dav/property-table.ts";
import { versionLabel, versionProperties } from "./version-properties.ts";
import type { VersionResource } from "./version-resource.ts";

const versions = "versions";
const restore = "restore";

/** What files held before, as Nextcloud's clients see it. */
export class VersionTree implements DavTree<VersionResource> {
  readonly root: string;
  readonly compliance = "1, 3, extended-mkcol";
  readonly #deps: FileTreeDeps;
  readonly #drive: OpenedDrive;

  constructor(deps: FileTreeDeps, drive: OpenedDrive, root: string) {
    this.#deps = deps;
    this.#drive = drive;
    this.root = root;
  }

  allow(resource: VersionResource | undefined): readonly DavMethodName[] {
    if (!resource) return ["OPTIONS"];
    const reading: readonly DavMethodName[] = ["OPTIONS", "GET", "HEAD", "PROPFIND"];
    return resource.version ? [...reading, "DELETE", "MOVE", "PROPPATCH"] : reading;
  }

  async find(names: readonly string[]): Promise<VersionResource | undefined> {
    const [area, fileId, versionName, ...rest] = names;
    if (rest.length > 0) return undefined;
    if (fileId === undefined) {
      return area === undefined || area === versions || area === restore ? { names, isCollection: true } : undefined;
    }
    if (area !== versions || !/^\d{1,15}$/.test(fileId)) return undefined;
    const place = await findPlaceByFileId(this.#reader, this.#drive, Number(fileId));
    if (place?.node.kind !== "file") return undefined;
    const file = { names: [versions, fileId], isCollection: true, place };
    if (versionName === undefined) return file;
    return (await this.children(file)).find((each) => each.names[2] === versionName);
  }

  async children({ names, place }: VersionResource): Promise<VersionResource[]> {
    if (names.length === 0) return [versions, restore].map((name) => ({ names: [name], isCollection: true }));
    if (!place) return [];
    const all = await listVersions(this.#reader, place.access, place.node.id);
    const named = versionNames(all);
    return all.map((version) => ({
      names: [versions, names[1]!, named.get(version)!],
      isCollection: false,
      place,
      version,
      modifiedAt: version.createdAt,
      etag: `"${version.id.replaceAll("-", "")}"`,
    }));
  }

  async readProperties(
    _resources: readonly VersionResource[],
    _request: PropertyRequest,
  ): Promise<PropertyReader<VersionResource>> {
    return tableReader(versionProperties, this.#deps.mayHavePreview);
  }

  async patchProperties(
    { place, version }: VersionResource,
    changes: readonly PropertyChange[],
  ): Promise<ReadonlyMap<XmlName, PropertyStatus>> {
    const others = changes.filter(({ name }) => name !== versionLabel);
    if (others.length > 0) {
      return new Map(changes.map(({ name }) => [name, { status: name === versionLabel ? 424 : 403 }]));
    }
    for (const change of changes) {
      const label = change.kind === "set" ? textOf(change.element) : "";
      await labelVersion(this.#deps, place!.access, place!.node.id, version!.id, label);
    }
    return new Map(changes.map(({ name }) => [name, { status: 200 }]));
  }

  async open({ place, version }: VersionResource): Promise<DavContent> {
    const { name, contentType, source } = await openFile(this.#deps, place!.access, place!.node.id, version!.id);
    const { size } = source;
    return { name, contentType, size, open: (range) => source.open(range), lend: (range) => source.lend(range) };
  }

  async remove({ place, version }: VersionResource): Promise<undefined> {
    if (version!.isCurrent) throw new DavError(403, "This version is what the file holds");
    await deleteVersion(this.#deps, place!.access, place!.node.id, version!.id);
  }

  /** To `restore/`, under whatever name: it becomes what the file holds. */
  async move({ place, version }: VersionResource, destination: DavDestination): Promise<DavWritten> {
    if (destination.tree !== (this as DavTree) || destination.names[0] !== restore || destination.names.length !== 2) {
      throw new DavError(403, "A version goes to restore/", { header: "Destination" });
    }
    await restoreVersion(this.#deps, place!.access, place!.node.id, version!.id);
    return { isNew: true };
  }

  get #reader() {
    return this.#deps.store.read;
  }
}

/**
 * Versions are named by the second in which they came; those of one second all carry more than that, so that no name ever means
 * the other one.
 */
function versionNames(all: readonly FileVersion[]): Map<FileVersion, string> {
  const second = ({ createdAt }: FileVersion): number => Math.floor(createdAt.getTime() / 1_000);
  const groups = Map.groupBy(all, second);
  return new Map(
    all.map((version) => {
      const isAlone = groups.get(second(version))!.length === 1;
      return [version, isAlone ? String(second(version)) : `${second(version)}-${version.id.slice(-12)}`];
    }),
  );
}

/** The version that a listing shows under a name. */
export function findVersionByName(all: readonly FileVersion[], name: string): FileVersion | undefined {
  return [...versionNames(all)].find(([, each]) => each === name)?.[0];
}
