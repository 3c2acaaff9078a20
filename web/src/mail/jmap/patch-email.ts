import type { PatchObject } from "@bouquet/contract/jmap.ts";

interface Patchable {
  readonly mailboxIds: Record<string, true>;
  readonly keywords: Record<string, true>;
}

const pointer = /^(mailboxIds|keywords)\/(.+)$/;

/** RFC 6901: `~1` stands for `/`, `~0` for `~`. */
function unescapePointer(text: string): string {
  return text.replaceAll("~1", "/").replaceAll("~0", "~");
}

export function keywordPath(keyword: string): string {
  return `keywords/${keyword.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Applies the pointers into `mailboxIds` and `keywords` of a patch; others are the server's. */
export function patchEmail<T extends Patchable>(email: T, patch: PatchObject): T {
  const sets = { mailboxIds: { ...email.mailboxIds }, keywords: { ...email.keywords } };
  for (const [path, value] of Object.entries(patch)) {
    const [, set, name] = pointer.exec(path) ?? [];
    if (set !== "mailboxIds" && set !== "keywords") continue;
    const key = unescapePointer(name as string);
    if (value === true) sets[set][key] = true;
    else delete sets[set][key];
  }
  return { ...email, ...sets };
}

/** What undoes a patch on this message. */
export function inversePatch(email: Patchable, patch: PatchObject): PatchObject {
  const inverse: PatchObject = {};
  for (const path of Object.keys(patch)) {
    const [, set, name] = pointer.exec(path) ?? [];
    if (set !== "mailboxIds" && set !== "keywords") continue;
    inverse[path] = email[set][unescapePointer(name as string)] ?? null;
  }
  return inverse;
}
