import type { StateChange } from "@bouquet/contract/jmap.ts";
import { listAccounts } from "../../domain/access/account-access.ts";
import { watchAccounts } from "../../domain/changes/watch-accounts.ts";
import { toDomainError } from "../../domain/errors.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import { mailState } from "../../domain/mail/mail-state.ts";
import type { MailDeps } from "../../domain/mail/model.ts";

/** Account → type → state. */
export type AccountStates = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * Reads the states of all the viewer's accounts, now and whenever something may have moved, also when an account came or went.
 * @param onRead not called any more after `stop`
 */
export async function watchStates(
  store: MailDeps["store"],
  viewer: Viewer,
  onRead: (states: AccountStates) => void,
  onError: (error: unknown) => void,
): Promise<{ states: AccountStates; stop: () => void }> {
  let stopped = false;
  let reading = false;
  let again = false;
  let watched: readonly string[] = [];
  let stopWatching = () => {};

  const watch = (accountIds: readonly string[]): void => {
    const isSame = accountIds.length === watched.length && accountIds.every((each) => watched.includes(each));
    if (isSame) return;
    stopWatching();
    watched = accountIds;
    stopWatching = watchAccounts(store.hints, accountIds, () => void reread());
  };
  async function reread(): Promise<void> {
    again = true;
    if (reading) return;
    reading = true;
    try {
      while (again && !stopped) {
        again = false;
        const states = await readStates(store, viewer);
        if (stopped) return;
        watch([...states.keys()]);
        onRead(states);
      }
    } catch (error) {
      if (!stopped) onError(error);
    } finally {
      reading = false;
    }
  }

  // Watched before they are read: what changes in between is read again.
  watch((await listAccounts(store.read, viewer)).map((account) => account.accountId));
  try {
    const states = await readStates(store, viewer);
    return {
      states,
      stop: () => {
        stopped = true;
        stopWatching();
      },
    };
  } catch (error) {
    stopWatching();
    throw error;
  }
}

async function readStates(store: MailDeps["store"], viewer: Viewer): Promise<AccountStates> {
  const states = new Map<string, Record<string, string>>();
  for (const access of await listAccounts(store.read, viewer)) {
    if (!access.rights.has("read")) continue;
    try {
      const { Email, Mailbox, Thread, SieveScript } = await mailState(store.read, access);
      // Threads move when mail comes or goes, not when it is read: the nearest to RFC 8621 section 1.5.
      const filters = { SieveScript, VacationResponse: SieveScript };
      states.set(access.accountId, { Email, EmailDelivery: Thread, Mailbox, Thread, ...filters });
    } catch (error) {
      if (toDomainError(error)?.code !== "not_found") throw error;
    }
  }
  return states;
}

/** What moved of the types that a client wants; undefined: nothing. */
export function changedStates(
  before: AccountStates,
  after: AccountStates,
  wanted: ReadonlySet<string>,
): StateChange["changed"] | undefined {
  const changed = new Map<string, Record<string, string>>();
  for (const [accountId, states] of after) {
    const known = before.get(accountId);
    const moved = Object.entries(states).filter(([type, state]) => wanted.has(type) && known?.[type] !== state);
    if (moved.length > 0) changed.set(accountId, Object.fromEntries(moved));
  }
  return changed.size > 0 ? Object.fromEntries(changed) : undefined;
}
