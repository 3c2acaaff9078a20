const systemFlags = new Map([
  ["$seen", "\\Seen"],
  ["$flagged", "\\Flagged"],
  ["$answered", "\\Answered"],
  ["$draft", "\\Draft"],
]);
const systemKeywords = new Map([...systemFlags].map(([keyword, flag]) => [flag, keyword]));

/** RFC 8621 section 4.1.1: printable ASCII without what an IMAP atom excludes. Ours are at most 100 characters. */
export function isKeyword(text: string): boolean {
  return /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]{1,100}$/.test(text);
}

/** The IMAP flag of a keyword. */
export function toFlag(keyword: string): string {
  const lower = keyword.toLowerCase();
  return systemFlags.get(lower) ?? lower;
}

/** The keywords of a message's flags; `\Deleted` and `\Recent` have none. */
export function toKeywords(flags: readonly string[]): Record<string, true> {
  const keywords = flags.flatMap((flag) => (flag.startsWith("\\") ? (systemKeywords.get(flag) ?? []) : [flag]));
  return Object.fromEntries(keywords.map((keyword) => [keyword, true]));
}
