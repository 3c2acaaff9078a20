import type { AccountAccess } from "../../domain/access/account-access.ts";
import { findEntry, type MailboxTree, normalizeName, SHARED_PREFIX } from "./mailbox-tree.ts";
import { Refusal } from "./refusal.ts";

/** Deeper than this no program shows a tree any more. */
const MAX_LEVELS = 20;

export interface Place {
  readonly access: AccountAccess;
  /** The deepest mailbox that exists above. */
  readonly parentId: string | null;
  /** Levels to be made, at least one; the last is the mailbox asked for. */
  readonly missing: readonly [string, ...string[]];
}

/**
 * Finds where a mailbox that does not exist yet has to be made. A trailing slash says that it will hold others,
 * which every mailbox can.
 * @throws Refusal when the name exists, is malformed, or is in nobody's account
 */
export function placeMailbox(tree: MailboxTree, name: string): Place {
  const levels = normalizeName(name).replace(/\/$/, "").split("/");
  if (levels.includes("") || levels.length > MAX_LEVELS) throw new Refusal("The name is not usable.", "CANNOT");
  if (findEntry(tree, levels.join("/")) !== undefined)
    throw new Refusal("The mailbox exists already.", "ALREADYEXISTS");
  for (let depth = levels.length - 1; depth > 0; depth -= 1) {
    const above = findEntry(tree, levels.slice(0, depth).join("/"));
    if (above === undefined) continue;
    if (above.mailbox === null && above.isRoot !== true) {
      throw new Refusal("Only the owners of accounts can share mailboxes.", "NOPERM");
    }
    const [first, ...rest] = levels.slice(depth) as [string, ...string[]];
    return { access: above.access, parentId: above.mailbox?.id ?? null, missing: [first, ...rest] };
  }
  const own = [...tree.values()].find((entry) => entry.isPersonal);
  if (levels[0] === SHARED_PREFIX || own === undefined) {
    throw new Refusal("Only the owners of accounts can share mailboxes.", "NOPERM");
  }
  const [first, ...rest] = levels as [string, ...string[]];
  return { access: own.access, parentId: null, missing: [first, ...rest] };
}
