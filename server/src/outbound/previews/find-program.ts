import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Where a program is. @param name as in a shell: a path, or to be looked for in `searched` @returns undefined when it is not installed */
export function findProgram(name: string, searched: string): string | undefined {
  const places = isAbsolute(name)
    ? [name]
    : searched
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, name));
  return places.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
