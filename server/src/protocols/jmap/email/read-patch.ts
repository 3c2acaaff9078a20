import type { MessageChange } from "../../../domain/mail/set-messages.ts";
import { SetFailure } from "../jmap-errors.ts";
import { isKeyword, toFlag } from "../keywords.ts";
import { type CallContext, resolveId } from "../method.ts";
import { isId, type JsonObject } from "../read-arguments.ts";
import { invalidProperties } from "../standard-set.ts";
import { readKeywords, readMailboxIds } from "./new-email.ts";

/** A patch of an Email: only its mailboxes and keywords can change (RFC 8621 section 4.6). */
export interface EmailPatch {
  mailboxIds: string[] | undefined;
  addMailboxIds: string[];
  removeMailboxIds: string[];
  flags: MessageChange["flags"];
}

/** @throws SetFailure `invalidPatch`, `invalidProperties` */
export function readEmailPatch(context: CallContext, patch: JsonObject): EmailPatch {
  const mailboxes = { add: [] as string[], remove: [] as string[] };
  const flags = { add: [] as string[], remove: [] as string[] };
  const keys = Object.keys(patch);
  for (const whole of ["mailboxIds", "keywords"]) {
    if (keys.includes(whole) && keys.some((key) => key.startsWith(`${whole}/`))) {
      throw new SetFailure({ type: "invalidPatch", description: `${whole} is replaced and patched` });
    }
  }
  for (const key of keys) {
    if (key === "mailboxIds" || key === "keywords") continue;
    const [property, token, ...deeper] = key.split("/");
    const value = patch[key];
    if ((property !== "mailboxIds" && property !== "keywords") || token === undefined) throw invalidProperties([key]);
    if (deeper.length > 0 || (value !== true && value !== null)) {
      throw new SetFailure({ type: "invalidPatch", description: `${key.slice(0, 200)} is true or null` });
    }
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (property === "mailboxIds") {
      if (!isId(name.replace(/^#/, ""))) throw invalidProperties([key]);
      mailboxes[value === true ? "add" : "remove"].push(resolveId(context, name));
    } else {
      if (!isKeyword(name)) throw invalidProperties([key]);
      flags[value === true ? "add" : "remove"].push(toFlag(name));
    }
  }
  return {
    mailboxIds: patch.mailboxIds === undefined ? undefined : readMailboxIds(context, patch.mailboxIds),
    addMailboxIds: mailboxes.add,
    removeMailboxIds: mailboxes.remove,
    flags:
      patch.keywords === undefined
        ? flags.add.length + flags.remove.length > 0
          ? flags
          : undefined
        : { replace: readKeywords(patch.keywords) },
  };
}

/** @param current the mailboxes it is in */
export function toMessageChange(messageId: string, patch: EmailPatch, current: readonly string[]): MessageChange {
  const patched = patch.addMailboxIds.length + patch.removeMailboxIds.length > 0;
  const after = new Set(current);
  for (const each of patch.addMailboxIds) after.add(each);
  for (const each of patch.removeMailboxIds) after.delete(each);
  const mailboxIds = patch.mailboxIds ?? (patched ? [...after] : undefined);
  return { messageId, ...(mailboxIds && { mailboxIds }), ...(patch.flags && { flags: patch.flags }) };
}
