import type { Reader, Store, Transactor } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";
import { openShareLink } from "./list-share-links.ts";
import type { SharingDeps } from "./model.ts";
import { gone, type LinkContent } from "./resolve-share-link.ts";

export type VisitAction = "opened" | "downloaded" | "uploaded" | "changed";

export interface Visit {
  at: Date;
  action: VisitAction;
  /** What the person called themselves. */
  visitorName: string | null;
  /** Not the whole address. */
  network: string;
  /** Of what was taken, sent or changed, when it is still there. */
  nodeName: string | null;
}

type Seen = Pick<LinkContent, "linkId" | "network" | "visitorName"> & { access: { organizationId: string } };

/** Writes down that somebody came by a link and what they did. */
export async function recordVisit(tx: Transactor, link: Seen, action: VisitAction, nodeId?: string): Promise<void> {
  await tx
    .insertInto("link_visit")
    .values({
      organization_id: link.access.organizationId,
      link_id: link.linkId,
      action,
      visitor_name: link.visitorName ?? null,
      network: link.network,
      node_id: nodeId ?? null,
    })
    .execute();
}

/** The same, by itself: of something that was changed. */
export async function recordChange(deps: { store: Store }, link: Seen, nodeId?: string): Promise<void> {
  await deps.store.transact((tx) => recordVisit(tx, link, "changed", nodeId));
}

/** Counts one opening of the page of a link. */
export async function countOpening(deps: { store: Store }, link: LinkContent): Promise<void> {
  await deps.store.transact(async (tx) => {
    await tx
      .updateTable("share_link")
      .set((eb) => ({ opened_count: eb("opened_count", "+", 1), last_opened_at: new Date() }))
      .where("organization_id", "=", link.access.organizationId)
      .where("id", "=", link.linkId)
      .execute();
    await recordVisit(tx, link, "opened");
  });
}

/**
 * Counts a download before its first byte, of a file or of a whole folder.
 * @throws DomainError `forbidden` (`view_only`) where nothing may be taken; `expired` (`used_up`) after the last one
 */
export async function takeDownload(deps: { store: Store }, link: LinkContent, nodeId: string): Promise<void> {
  requireDownload(link);
  await deps.store.transact(async (tx) => {
    const counted = await tx
      .updateTable("share_link")
      .set((eb) => ({ download_count: eb("download_count", "+", 1) }))
      .where("organization_id", "=", link.access.organizationId)
      .where("id", "=", link.linkId)
      .where((eb) => eb.or([eb("download_limit", "is", null), eb("download_count", "<", eb.ref("download_limit"))]))
      .returning("id")
      .executeTakeFirst();
    if (!counted) throw gone("used_up");
    await recordVisit(tx, link, "downloaded", nodeId);
  });
}

/** @throws DomainError `not_found` where nothing is shown, `forbidden` (`view_only`) */
export function requireDownload(link: LinkContent): void {
  if (!link.access.rights.has("read")) throw new DomainError("not_found", "There is no such file or folder");
  if (!link.mayDownload) {
    throw new DomainError("forbidden", "This can be looked at, not downloaded", { data: { reason: "view_only" } });
  }
}

const mostVisits = 200;

/** Who came by a link and when, newest first, at most 200. @throws DomainError `not_found` */
export async function listVisits(deps: SharingDeps, viewer: Viewer, linkId: string): Promise<Visit[]> {
  const { link } = await openShareLink(deps, viewer, linkId);
  return readVisits(deps.store.read, link.node.organizationId, link.id);
}

async function readVisits(reader: Reader, organizationId: string, linkId: string): Promise<Visit[]> {
  const rows = await reader
    .selectFrom("link_visit as v")
    .leftJoin("drive_node as n", (join) =>
      join
        .onRef("n.organization_id", "=", "v.organization_id")
        .onRef("n.id", "=", "v.node_id")
        .on("n.state", "=", "live"),
    )
    .select(["v.at", "v.action", "v.visitor_name", "v.network", "n.name"])
    .where("v.organization_id", "=", organizationId)
    .where("v.link_id", "=", linkId)
    .orderBy("v.id", "desc")
    .limit(mostVisits)
    .execute();
  return rows.map((row) => ({
    at: row.at,
    action: row.action as VisitAction,
    visitorName: row.visitor_name,
    network: row.network,
    nodeName: row.name,
  }));
}

/** Forgets who came before a time. @returns how many visits */
export async function purgeVisits(store: Store, before: Date): Promise<number> {
  const { numDeletedRows } = await store.transact((tx) =>
    tx.deleteFrom("link_visit").where("at", "<", before).executeTakeFirst(),
  );
  return Number(numDeletedRows);
}
