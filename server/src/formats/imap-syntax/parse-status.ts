import { BadSyntax } from "./bad-syntax.ts";
import type { Scanner } from "./scanner.ts";

const STATUS_ITEMS = [
  "MESSAGES",
  "RECENT",
  "UIDNEXT",
  "UIDVALIDITY",
  "UNSEEN",
  "DELETED",
  "DELETED-STORAGE",
  "SIZE",
  "HIGHESTMODSEQ",
  "APPENDLIMIT",
  "MAILBOXID",
] as const;

export type StatusItem = (typeof STATUS_ITEMS)[number];

/**
 * Parses the parenthesized items of STATUS and of LIST RETURN (STATUS …) (RFC 9051 section 6.3.11; RFC 7162, 7889, 8474).
 * @throws BadSyntax
 */
export function parseStatusItems(scanner: Scanner): StatusItem[] {
  const items = scanner.list(() => {
    const name = scanner.keyword();
    const item = STATUS_ITEMS.find((known) => known === name);
    if (item === undefined) throw new BadSyntax(`STATUS item ${name} is not known.`);
    return item;
  });
  if (items.length === 0) throw new BadSyntax("STATUS needs at least one item.");
  return items;
}
