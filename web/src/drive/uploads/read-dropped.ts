/** A file to send, with the names of the folders above it inside what was dropped or chosen. */
export interface FileToSend {
  readonly file: File;
  readonly folders: readonly string[];
}

export interface Dropped {
  readonly files: readonly FileToSend[];
  /** Folders without any file, which would be lost otherwise. */
  readonly emptyFolders: readonly (readonly string[])[];
}

/**
 * Reads files and whole folders of a drop. Must be called while the event is dispatched: the list of items is emptied
 * afterwards. What cannot be read is left out.
 */
export function readDropped(data: DataTransfer): Promise<Dropped> {
  const entries: FileSystemEntry[] = [];
  const loose: File[] = [];
  for (const item of data.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry();
    const file = entry === null ? item.getAsFile() : null;
    if (entry) entries.push(entry);
    else if (file) loose.push(file);
  }
  return walk(entries, loose);
}

async function walk(entries: readonly FileSystemEntry[], loose: readonly File[]): Promise<Dropped> {
  const files: FileToSend[] = loose.map((file) => ({ file, folders: [] }));
  const emptyFolders: string[][] = [];
  const visit = async (entry: FileSystemEntry, folders: readonly string[]): Promise<void> => {
    if (entry.isFile) {
      const file = await fileOf(entry as FileSystemFileEntry);
      if (file && !isLitter(file.name)) files.push({ file, folders });
      return;
    }
    const inside = await childrenOf(entry as FileSystemDirectoryEntry);
    const here = [...folders, entry.name];
    if (inside.length === 0) emptyFolders.push(here);
    for (const child of inside) await visit(child, here);
  };
  for (const entry of entries) await visit(entry, []);
  return { files, emptyFolders };
}

/** What computers leave in folders for themselves. */
function isLitter(name: string): boolean {
  return name === ".DS_Store" || name === "Thumbs.db" || name === "desktop.ini";
}

function fileOf(entry: FileSystemFileEntry): Promise<File | null> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)));
}

async function childrenOf(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const all: FileSystemEntry[] = [];
  // Browsers give a hundred at a time, and an empty list at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** Files of `<input type="file">`; with `webkitdirectory` each knows its path. */
export function readChosen(list: FileList): Dropped {
  const files = [...list]
    .filter((file) => !isLitter(file.name))
    .map((file) => ({ file, folders: file.webkitRelativePath.split("/").slice(0, -1) }));
  return { files, emptyFolders: [] };
}
