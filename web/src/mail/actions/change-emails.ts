import type { Id, PatchObject } from "@bouquet/contract/jmap.ts";
import type { AccountCache } from "../jmap/account-cache.ts";
import { call, requireAllSet } from "../jmap/client.ts";
import { inversePatch } from "../jmap/patch-email.ts";

export type EmailPatches = ReadonlyMap<Id, PatchObject>;

const maxObjects = 400;

/**
 * Changes messages, on the screen first. When the server refuses, what was shown is read again.
 * @returns the patches that undo it
 * @throws JmapError, ApiError, OfflineError
 */
export async function changeEmails(cache: AccountCache, patches: EmailPatches): Promise<EmailPatches> {
  const inverse = inverseOf(cache, patches);
  applyPatches(cache, patches);
  try {
    const entries = [...patches];
    for (let at = 0; at < entries.length; at += maxObjects) {
      const update = Object.fromEntries(entries.slice(at, at + maxObjects));
      requireAllSet(await call("Email/set", { accountId: cache.accountId, update }));
    }
  } catch (error) {
    applyPatches(cache, inverse);
    void cache.refreshLists();
    throw error;
  }
  return inverse;
}

export function inverseOf(cache: AccountCache, patches: EmailPatches): EmailPatches {
  const inverse = new Map<Id, PatchObject>();
  for (const [emailId, patch] of patches) {
    const email = cache.email(emailId);
    if (email) inverse.set(emailId, inversePatch(email, patch));
  }
  return inverse;
}

export function applyPatches(cache: AccountCache, patches: EmailPatches): void {
  for (const [emailId, patch] of patches) cache.patch(emailId, patch);
  cache.pruneLists();
}

/** Destroys messages; they stay recoverable for the recovery period. */
export async function destroyEmails(cache: AccountCache, emailIds: readonly Id[]): Promise<void> {
  for (let at = 0; at < emailIds.length; at += maxObjects) {
    const destroy = emailIds.slice(at, at + maxObjects);
    requireAllSet(await call("Email/set", { accountId: cache.accountId, destroy }));
  }
  cache.forget(emailIds);
  cache.pruneLists();
  await cache.refreshLists();
}
