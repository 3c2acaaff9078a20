import { DomainError } from "../errors.ts";

const systemFlags = new Map(
  ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"].map((flag) => [flag.toLowerCase(), flag]),
);
const maxKeywords = 100;

/**
 * Flags in our one spelling, each once, sorted: system flags as `\Seen`, keywords in lower case. `\Recent` is dropped: clients may not
 * set it (RFC 9051 section 2.3.2).
 * @throws DomainError `invalid` for what is neither a system flag nor an IMAP atom of at most 100 bytes, or for more than 100 flags
 */
export function normalizeFlags(flags: Iterable<string>): string[] {
  const normalized = new Set<string>();
  for (const flag of flags) {
    const lower = flag.toLowerCase();
    if (lower === "\\recent") continue;
    const system = systemFlags.get(lower);
    if (system === undefined && !/^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]{1,100}$/.test(flag)) {
      throw new DomainError("invalid", "This is not a flag or keyword", { detail: flag.slice(0, 120) });
    }
    normalized.add(system ?? lower);
  }
  if (normalized.size > maxKeywords) throw new DomainError("invalid", `At most ${maxKeywords} flags are possible`);
  return [...normalized].sort();
}

/** The flag in our spelling, for a search: what cannot be a flag is simply not found. */
export function spellFlag(flag: string): string {
  return systemFlags.get(flag.toLowerCase()) ?? flag.toLowerCase();
}

export function isSeen(flags: readonly string[]): boolean {
  return flags.includes("\\Seen");
}

/** The flags that all share, of a copy that may have been read with the viewer's own `\Seen`. */
export function sharedFlags(copy: { readonly flags: readonly string[]; readonly sharedSeen?: boolean }): string[] {
  const others = copy.flags.filter((flag) => copy.sharedSeen === undefined || flag !== "\\Seen");
  return copy.sharedSeen === true ? [...others, "\\Seen"].sort() : others;
}

/** Flags of a message with several copies (RFC 8621 section 4.1.1): the union, but `\Seen` only when every copy has it. */
export function messageFlags(copies: readonly { flags: readonly string[] }[]): string[] {
  const union = new Set(copies.flatMap((copy) => copy.flags));
  if (!copies.every((copy) => isSeen(copy.flags))) union.delete("\\Seen");
  return [...union].sort();
}

export type FlagChange =
  | { mode: "add" | "remove" | "replace"; flags: readonly string[] }
  | { mode: "patch"; add: readonly string[]; remove: readonly string[] };

/** @param change with normalized flags. @returns the new flags, or the same array when nothing changes */
export function changeFlags(current: string[], change: FlagChange): string[] {
  const next = new Set(change.mode === "replace" ? change.flags : current);
  if (change.mode === "add") for (const flag of change.flags) next.add(flag);
  if (change.mode === "remove") for (const flag of change.flags) next.delete(flag);
  if (change.mode === "patch") {
    for (const flag of change.add) next.add(flag);
    for (const flag of change.remove) next.delete(flag);
  }
  const same = next.size === current.length && current.every((flag) => next.has(flag));
  return same ? current : [...next].sort();
}
