import { access, chmod, constants, mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type FileLock, lockFile, lockHolder } from "./file-lock.ts";
import { StartError } from "./start-error.ts";

/** Raised when the layout of the data directory changes in a way that an older program must not touch. */
export const dataDirectoryFormat = 1;

export type DataDirectory = {
  readonly path: string;
  /** Lets another copy of the program have the directory. */
  close(): Promise<void>;
};

/**
 * Takes the data directory for this process: creates it when missing, checks that it is ours, writable, not used by
 * another copy and not written by a newer version.
 * @throws StartError, with nothing changed, when it cannot be had.
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const entries = await listEntries(path);
  await refuseUnwritable(path, entries);
  if (entries !== undefined) await refuseForeign(path, entries);
  if (entries === undefined) await create(path);
  const lock = await takeLock(path);
  try {
    if (!(await readFormat(path))) await writeFormat(path);
  } catch (error) {
    await lock.release();
    throw error;
  }
  return { path, close: () => lock.release() };
}

async function listEntries(path: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code === "ENOTDIR") throw new StartError(`The data directory ${path} is not a directory.`);
    throw new StartError(`The data directory ${path} cannot be read (${code}).`);
  }
}

async function refuseUnwritable(path: string, entries: readonly string[] | undefined): Promise<void> {
  const place = entries === undefined ? await nearestExisting(dirname(path)) : path;
  try {
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(
      entries === undefined
        ? `The data directory ${path} cannot be created because ${place} is not writable by this user (${code}).`
        : `The data directory ${path} is not writable by this user (${code}).`,
    );
  }
}

async function nearestExisting(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) throw new StartError(`The data directory cannot be created because ${path} is a file.`);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof StartError || (code !== "ENOENT" && code !== "ENOTDIR") || path === dirname(path)) {
      if (code === "EACCES")
        throw new StartError(`The data directory cannot be reached: ${path} is closed to this user.`);
      throw error;
    }
    return nearestExisting(dirname(path));
  }
}

/** A directory with other people's files is refused: a typing error must not mix our files with theirs. */
async function refuseForeign(path: string, entries: readonly string[]): Promise<void> {
  const format = await readFormat(path);
  if (format === undefined) {
    const foreign = entries.find((entry) => entry !== "lock" && entry !== "lost+found" && entry !== versionDraft);
    if (foreign === undefined) return;
    throw new StartError(
      `The data directory ${path} holds files that are not Bouquet's (such as ${JSON.stringify(foreign)}): choose an empty one.`,
    );
  }
  if (format > dataDirectoryFormat) {
    throw new StartError(
      `The data directory ${path} was written by a newer version of Bouquet (format ${format}, this version knows ${dataDirectoryFormat}).`,
    );
  }
}

async function create(path: string): Promise<void> {
  try {
    await makeWithParents(path);
    // Started as root, PostgreSQL runs as another user, which must be able to pass through but not to list.
    await chmod(path, process.getuid?.() === 0 ? 0o711 : 0o700);
  } catch (error) {
    throw new StartError(`The data directory ${path} cannot be created (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** Level by level: mkdir's own `recursive` never returns where the parent exists and takes no directories (/proc). */
async function makeWithParents(path: string): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && !(await exists(parent))) await makeWithParents(parent);
  await mkdir(path, { mode: 0o700 });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function takeLock(path: string): Promise<FileLock> {
  const file = join(path, "lock");
  let lock: FileLock | undefined;
  try {
    lock = await lockFile(file);
  } catch (error) {
    throw new StartError(`The data directory ${path} cannot be locked (${(error as Error).message}).`);
  }
  if (lock) return lock;
  const holder = await lockHolder(file);
  throw new StartError(
    `The data directory ${path} is in use by another copy of Bouquet${holder ? ` (process ${holder})` : ""}.`,
  );
}

const versionDraft = "version.new";

async function readFormat(path: string): Promise<number | undefined> {
  let content: string;
  try {
    content = await readFile(join(path, "version"), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new StartError(`The version file of the data directory ${path} cannot be read (${code}).`);
  }
  const match = /^bouquet (\d{1,9})\n$/.exec(content);
  if (match) return Number(match[1]);
  throw new StartError(`The version file of the data directory ${path} is damaged.`);
}

async function writeFormat(path: string): Promise<void> {
  const draft = join(path, versionDraft);
  try {
    await writeFile(draft, `bouquet ${dataDirectoryFormat}\n`, { flush: true });
    await rename(draft, join(path, "version"));
  } catch (error) {
    throw new StartError(`The data directory ${path} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}
