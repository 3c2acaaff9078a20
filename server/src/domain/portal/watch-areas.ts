import { sql } from "kysely";
import type { Store } from "../../store/database.ts";
import { listAccounts } from "../access/account-access.ts";
import { watchAccounts } from "../changes/watch-accounts.ts";
import type { Viewer } from "../identity/viewer.ts";

export type WatchedArea = "mail" | "files";

/**
 * Tells when mail or files that the viewer may read have moved, by rereading the feeds after a hint and every 30 s; so an
 * account that was granted meanwhile is seen too.
 * @param onChange the areas that moved since the last call
 * @param onError the reread failed; the next one may not
 * @returns a function that stops watching
 */
export async function watchAreas(
  store: Store,
  viewer: Viewer,
  onChange: (areas: WatchedArea[]) => void,
  onError: (error: unknown) => void,
): Promise<() => void> {
  let known = await readFeeds(store, viewer);
  let stopped = false;
  let reading: Promise<void> = Promise.resolve();
  const watch = () => watchAccounts(store.hints, [...known.keys()], () => void reread());
  let unwatch = watch();

  function reread(): Promise<void> {
    reading = reading.then(readOnce);
    return reading;
  }
  async function readOnce(): Promise<void> {
    if (stopped) return;
    try {
      const next = await readFeeds(store, viewer);
      if (stopped) return;
      const moved = new Set<WatchedArea>();
      for (const [id, feeds] of next) {
        for (const area of ["mail", "files"] as const) if (known.get(id)?.[area] !== feeds[area]) moved.add(area);
      }
      const sameAccounts = next.size === known.size && [...next.keys()].every((id) => known.has(id));
      known = next;
      if (!sameAccounts) {
        unwatch();
        unwatch = watch();
        moved.add("mail").add("files");
      }
      if (moved.size > 0) onChange([...moved]);
    } catch (error) {
      if (!stopped) onError(error);
    }
  }

  return () => {
    stopped = true;
    unwatch();
  };
}

type Feeds = Map<string, Partial<Record<WatchedArea, number>>>;

async function readFeeds(store: Store, viewer: Viewer): Promise<Feeds> {
  const accounts = await listAccounts(store.read, viewer);
  const organizations = accounts.map((account) => account.organizationId);
  const ids = accounts.map((account) => account.accountId);
  const { rows } = await sql<{ account_id: string; area: WatchedArea; modseq: number }>`
    SELECT f.account_id, f.area, f.modseq FROM unnest(${organizations}::uuid[], ${ids}::uuid[]) AS a (organization_id, id)
    JOIN feed f ON f.organization_id = a.organization_id AND f.account_id = a.id
    WHERE f.area IN ('mail', 'files')`.execute(store.read);
  const feeds: Feeds = new Map(ids.map((id) => [id, {}]));
  for (const row of rows) feeds.get(row.account_id)![row.area] = row.modseq;
  return feeds;
}
