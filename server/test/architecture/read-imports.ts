export type SourceFile = {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
};

export type Import = {
  readonly specifier: string;
  /** True for `import type` and for types named by `import('…')`, which do not exist when the program runs. */
  readonly typeOnly: boolean;
};

const quoted = String.raw`(?<quote>["'])(?<specifier>[^"'\n]+)\k<quote>`;
const patterns = [
  // import x from '…', import type { x } from '…', export * from '…'; the formatter starts each at its line's beginning.
  new RegExp(String.raw`^(?:import|export)\s+(?<type>type\s)?[^"';]*?\bfrom\s*${quoted}`, "gm"),
  // import '…'
  new RegExp(String.raw`^import\s*${quoted}`, "gm"),
  // import('…') and require('…')
  new RegExp(String.raw`(?<![\w.])(?:import|require)\s*\(\s*${quoted}`, "g"),
  // new URL('./thread.ts', import.meta.url), which is how a worker or a child process is named
  new RegExp(String.raw`new\s+URL\s*\(\s*${quoted}\s*,\s*import\.meta\.url`, "g"),
];

/** The modules that a file names. Comments are not code; the text of templates is not told apart and counts as code. */
export function readImports(text: string): readonly Import[] {
  const code = withoutComments(text);
  return patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].map(({ groups }) => ({
      specifier: groups!.specifier!,
      typeOnly: groups!.type !== undefined,
    })),
  );
}

/** Drops whole-line and block comments that start a line, which is all that the formatter leaves of those with imports. */
export function withoutComments(text: string): string {
  return text.replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, "").replace(/^[ \t]*\/\/.*$/gm, "");
}

/** The package that a bare specifier belongs to: `pg` of `pg/lib/x`, `@a/b` of `@a/b/c`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
