/**
 * What a script may require (RFC 5228 section 6): each is whole. The two comparators that every script has need no `require`, but may
 * be named in one.
 */
export const sieveCapabilities = [
  "fileinto",
  "envelope",
  "encoded-character",
  "imap4flags",
  "variables",
  "relational",
  "subaddress",
  "copy",
  "body",
  "mailbox",
  "special-use",
  "mailboxid",
  "date",
  "index",
  "vacation",
  "vacation-seconds",
  "reject",
  "ereject",
  "editheader",
  "duplicate",
  "include",
  "regex",
  "enotify",
  "comparator-i;ascii-numeric",
  "comparator-i;unicode-casemap",
] as const;

const alwaysThere: readonly string[] = ["comparator-i;octet", "comparator-i;ascii-casemap"];

export function isCapability(name: string): boolean {
  return (sieveCapabilities as readonly string[]).includes(name) || alwaysThere.includes(name);
}

/** RFC 6131 section 2: what `require "vacation-seconds"` also brings. */
export const impliedCapabilities: Readonly<Record<string, readonly string[]>> = { "vacation-seconds": ["vacation"] };
