import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const corpusDirectory = join(import.meta.dirname, "corpus");

/** Inputs that were once wrong, or that reach far: run again in each test. */
export function readCorpus(target: string): { readonly name: string; readonly input: Buffer }[] {
  const directory = join(corpusDirectory, target);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((name) => ({ name, input: readFileSync(join(directory, name)) }));
}
