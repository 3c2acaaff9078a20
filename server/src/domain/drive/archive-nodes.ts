import type { ZipEntry } from "../../formats/zip/write-zip.ts";
import { uuidv7 } from "../../store/uuid.ts";
import type { DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import { numberedName } from "./node-name.ts";
import { openFile } from "./open-file.ts";
import { readNode } from "./read-node.ts";
import { ignoreGone, walkTree } from "./walk-tree.ts";

export interface ArchivedNode {
  access: DriveAccess;
  nodeId: string;
}

/** Worth deflating. Most of what people keep is compressed already, and a large unknown file would hold a core for minutes. */
const loose =
  /^(text\/|message\/|image\/(bmp|svg|tiff|vnd\.dxf)|audio\/wav|application\/(json|xml|rtf|msword|vnd\.ms-|x-tar|[a-z.-]+\+(xml|json)))/;

/** @returns the nodes, once all of them are known to be there. @throws DomainError `not_found` */
export async function checkArchive(deps: DriveDeps, nodes: readonly ArchivedNode[]): Promise<DriveNode[]> {
  const found: DriveNode[] = [];
  for (const { access, nodeId } of nodes) found.push((await readNode(deps.store.read, access, nodeId)).node);
  return found;
}

/**
 * The entries of a ZIP of nodes with all that is beneath, empty folders too. Entry names stay inside the place where they are
 * unpacked, and are names on every system: what one of them would take for a path or refuse is an underscore.
 */
export async function* archiveNodes(deps: DriveDeps, nodes: readonly ArchivedNode[]): AsyncGenerator<ZipEntry> {
  const top = new EntryNames("");
  for (const { access, nodeId } of nodes) {
    // Folders on the way down to the current node: those beside it are done.
    const open: { id: string; names: EntryNames }[] = [];
    for await (const { node, path } of walkTree(deps.store.read, access, nodeId)) {
      open.length = path.length - 1;
      const entryPath = (open.at(-1)?.names ?? top).take(node);
      if (node.kind === "folder") {
        open.push({ id: node.id, names: new EntryNames(`${entryPath}/`) });
        yield { path: `${entryPath}/`, modifiedAt: node.modifiedAt };
      } else {
        // Opened when its turn comes: a file replaced meanwhile must keep to the size of its entry.
        const opened = await openFile(deps, access, node.id).catch(ignoreGone);
        if (!opened) continue;
        const { source, contentType, modifiedAt } = opened;
        const file = { size: source.size, compress: loose.test(contentType), open: () => source.open() };
        yield { path: entryPath, modifiedAt, file };
      }
    }
  }
}

class EntryNames {
  readonly #prefix: string;
  readonly #used = new Set<string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** A name that no sibling has, in no case: some systems take « A » and « a » for one. */
  take(node: Pick<DriveNode, "name" | "kind">): string {
    const safe = safeEntryName(node.name);
    let name = safe;
    for (let number = 2; this.#used.has(name.toLowerCase()); number++) {
      name = number < 10_000 ? numberedName(safe, number, node.kind) : `${uuidv7()} ${safe}`;
    }
    this.#used.add(name.toLowerCase());
    return this.#prefix + name;
  }
}

/** Never a separator, a drive letter, a device of Windows or a step up. */
function safeEntryName(name: string): string {
  const plain = name.replace(/[\\/:*?"<>|\p{Cc}]/gu, "_").replace(/[. ]+$/, (ending) => "_".repeat(ending.length));
  if (plain === "") return "_";
  return /^(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(\.|$)/i.test(plain) ? `_${plain}` : plain;
}
