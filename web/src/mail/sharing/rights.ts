import type { MailRight } from "@bouquet/contract/mail-sharing.ts";

/** How far somebody may go with the messages, each beyond the one before; `none` may only write in the mailbox's name. */
export type Level = "none" | "read" | "write" | "delete" | "manage" | "custom";
/** How the recipients see who wrote. */
export type Sending = "none" | "send_on_behalf" | "send_as";

const levels: Record<Exclude<Level, "custom">, readonly MailRight[]> = {
  none: [],
  read: ["read"],
  write: ["read", "write"],
  delete: ["read", "write", "delete"],
  manage: ["read", "write", "delete", "share", "manage"],
};
const sendingRights: ReadonlySet<MailRight> = new Set(["send_as", "send_on_behalf"]);

export function sendingOf(rights: readonly MailRight[]): Sending {
  return rights.includes("send_as") ? "send_as" : rights.includes("send_on_behalf") ? "send_on_behalf" : "none";
}

/** The word for what another program gave letter by letter is `custom`. */
export function levelOf(rights: readonly MailRight[]): Level {
  const given = rights.filter((right) => !sendingRights.has(right));
  const found = Object.entries(levels).find(
    ([, all]) => all.length === given.length && all.every((right) => given.includes(right)),
  );
  return (found?.[0] as Level | undefined) ?? "custom";
}

/** @param before what `custom` keeps */
export function rightsOf(level: Level, sending: Sending, before: readonly MailRight[] = []): MailRight[] {
  const kept = level === "custom" ? before.filter((right) => !sendingRights.has(right)) : levels[level];
  return sending === "none" ? [...kept] : [...kept, sending];
}

/** What can be chosen by who may give these rights: the levels for which they have everything. */
export function levelsWithin(mayGive: readonly MailRight[]): Exclude<Level, "custom" | "none">[] {
  return (["read", "write", "delete", "manage"] as const).filter((level) =>
    levels[level].every((right) => mayGive.includes(right)),
  );
}
