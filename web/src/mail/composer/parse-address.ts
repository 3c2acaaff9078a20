import type { EmailAddress } from "@bouquet/contract/jmap-mail.ts";

const address =
  /^[^\s@<>(),;:"\\[\]]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?)+$/u;

/** Reads `a@b.fr`, `Name <a@b.fr>` or `"Name, first" <a@b.fr>`. Null when the address is not whole. */
export function parseAddress(text: string): EmailAddress | null {
  const typed = text.trim().slice(0, 1000);
  const named = /^(.*?)\s*<([^<>]*)>$/s.exec(typed);
  const email = (named?.[2] ?? typed).trim().replace(/^mailto:/i, "");
  if (email.length > 254 || !address.test(email)) return null;
  const name = named?.[1]
    ?.trim()
    .replace(/^"(.*)"$/s, "$1")
    .replaceAll(/\\(.)/g, "$1")
    .replaceAll(/\s+/g, " ")
    .trim();
  return { name: name || null, email };
}
