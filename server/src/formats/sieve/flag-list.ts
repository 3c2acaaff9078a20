/** System flags in their own spelling; `\Recent` cannot be set. */
const systemFlags = new Map(
  ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"].map((flag) => [flag.toLowerCase(), flag]),
);
const keyword = /^[A-Za-z0-9$!#%&'+,./:;<=>?@^_`|~-]{1,100}$/;
const maxFlags = 60;

/** Flags of a list of strings that may each name several (RFC 5232 section 2); each once, without those that cannot be set. */
export function readFlags(texts: readonly string[]): string[] {
  const flags = new Map<string, string>();
  for (const text of texts) {
    for (const word of text.split(/\s+/)) {
      const key = word.toLowerCase();
      const flag = systemFlags.get(key) ?? (keyword.test(word) ? word : undefined);
      if (flag !== undefined && !flags.has(key) && flags.size < maxFlags) flags.set(key, flag);
    }
  }
  return [...flags.values()];
}
