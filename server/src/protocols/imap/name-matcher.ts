import { BadSyntax } from "../../formats/imap-syntax/bad-syntax.ts";
import { normalizeName } from "./mailbox-tree.ts";
import { matchesPattern } from "./wildcard.ts";

const MAX_PATTERNS = 20;
const MAX_PATTERN_LENGTH = 500;

export type NameMatcher = (name: string) => boolean;

/**
 * Matches names against the patterns of LIST, which are relative to its reference.
 * @throws BadSyntax for more than any client needs: every mailbox is compared with every pattern
 */
export function nameMatcher(reference: string, patterns: readonly string[]): NameMatcher {
  const whole = patterns.map((pattern) =>
    normalizeName(pattern.startsWith("/") ? pattern.slice(1) : reference + pattern),
  );
  if (whole.length > MAX_PATTERNS || whole.some((pattern) => pattern.length > MAX_PATTERN_LENGTH)) {
    throw new BadSyntax("The patterns are too many or too long.");
  }
  return (name) => whole.some((pattern) => (/[*%]/.test(pattern) ? matchesPattern(name, pattern) : name === pattern));
}
