import { ConfigError } from "./config-error.ts";

export type FileEntry = { readonly value: string; readonly line: number };

/**
 * Reads `NAME=value` lines: `#` starts a comment line, a value may stand in double or single quotes, nothing is
 * expanded. The names are those of the environment variables.
 * @throws ConfigError naming the file and the line.
 */
export function parseConfigFile(content: string, path: string): Map<string, FileEntry> {
  const entries = new Map<string, FileEntry>();
  const lines = content.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const trimmed = raw.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const match = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(trimmed);
    if (!match) throw new ConfigError(`Line ${line} of ${path} must have the form NAME=value.`);
    const [, name = "", rest = ""] = match;
    const quoted = /^(["'])(.*)\1$/.exec(rest);
    if (!quoted && /^["']/.test(rest)) throw new ConfigError(`Line ${line} of ${path} has a quote that does not end.`);
    const earlier = entries.get(name);
    if (earlier) throw new ConfigError(`${path} gives ${name} twice, on lines ${earlier.line} and ${line}.`);
    entries.set(name, { value: quoted ? quoted[2]! : rest, line });
  }
  return entries;
}
