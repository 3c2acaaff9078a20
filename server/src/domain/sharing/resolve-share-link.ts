import { createHash, timingSafeEqual } from "node:crypto";
import { sql } from "kysely";
import type { DriveAccess, DriveNode } from "../drive/model.ts";
import { readNode } from "../drive/read-node.ts";
import { DomainError } from "../errors.ts";
import { matchesPassword } from "../identity/hash-password.ts";
import { networkOf } from "../identity/network-of.ts";
import { chargeAttempt, forgetFailures, refundAttempt, type ThrottlePolicy } from "../identity/throttle.ts";
import { linkPurpose, type ShareLinkRow, type SharingDeps } from "./model.ts";

/** Wrong tokens of one network: a token cannot be guessed, this only ends the trying. */
const tokenPolicy: ThrottlePolicy = { freeTries: 50, windowSeconds: 3_600, firstBlockSeconds: 60 };
const passwordPolicy: ThrottlePolicy = { freeTries: 5, windowSeconds: 3_600, firstBlockSeconds: 60 };
/** Of one link, whatever the network. */
const linkPolicy: ThrottlePolicy = { freeTries: 100, windowSeconds: 86_400, firstBlockSeconds: 60 };

const proofSeconds = 4 * 3_600;

/** Who holds a link: what they have of it, and from where. */
export interface LinkVisit {
  token: string;
  /** What `unlockShareLink` gave, when the link has a password. */
  proof?: string | undefined;
  remoteAddress: string;
}

export interface OpenedLink {
  linkId: string;
  /** Name of the person who made the link. */
  sharedBy: string;
  organization: string;
  expiresAt: Date | null;
  /** Undefined while the password is missing: nothing of what is shared is told. */
  opened: { node: DriveNode; access: DriveAccess } | undefined;
}

interface FoundLink extends ShareLinkRow {
  organization_name: string;
  shared_by: string | null;
  is_open: boolean;
}

/**
 * What a link leads to, read-only and no wider than the node.
 * @throws DomainError `not_found` for a token that never was, `expired` with data.reason `expired`, `revoked` or `removed` (in the
 *   trash, in another space, its account closed), `throttled` for a network with too many wrong tokens
 */
export async function resolveShareLink(deps: SharingDeps, visit: LinkVisit): Promise<OpenedLink> {
  const link = await findLink(deps, visit);
  const access: DriveAccess = {
    organizationId: link.organization_id,
    accountId: link.account_id,
    rights: new Set(["read"] as const),
    subtreeId: link.node_id,
  };
  const read = await readNode(deps.store.read, access, link.node_id).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "not_found") throw gone("removed");
    throw error;
  });
  return {
    linkId: link.id,
    sharedBy: link.shared_by ?? link.organization_name,
    organization: link.organization_name,
    expiresAt: link.expires_at,
    opened: isUnlocked(deps, link, visit.proof) ? { node: read.node, access } : undefined,
  };
}

/** The same, for what only an opened link gives. @throws DomainError those of `resolveShareLink`, `unauthenticated` */
export async function requireOpenedLink(
  deps: SharingDeps,
  visit: LinkVisit,
): Promise<{ linkId: string; node: DriveNode; access: DriveAccess }> {
  const { linkId, opened } = await resolveShareLink(deps, visit);
  if (!opened) throw new DomainError("unauthenticated", "This link needs its password");
  return { linkId, ...opened };
}

/**
 * Checks the password of a link.
 * @returns a proof to give with what follows; it ends with its time, the password or the link
 * @throws DomainError those of `resolveShareLink`, `wrong_credentials`, `throttled`
 */
export async function unlockShareLink(
  deps: SharingDeps,
  visit: LinkVisit,
  password: string,
): Promise<{ linkId: string; proof: string; seconds: number }> {
  const link = await findLink(deps, visit);
  const { store } = deps;
  if (link.password_hash !== null) {
    const ofNetwork = `share-password ${link.id} ${networkOf(visit.remoteAddress)}`;
    const ofLink = `share-password ${link.id}`;
    const { triesLeft } = await chargeAttempt(store, ofNetwork, passwordPolicy);
    await chargeAttempt(store, ofLink, linkPolicy);
    if (!(await matchesPassword(password, link.password_hash))) {
      throw new DomainError("wrong_credentials", "This is not the password of the link", {
        data: { attemptsLeft: triesLeft },
      });
    }
    await forgetFailures(store, ofNetwork);
    await refundAttempt(store, ofLink);
  }
  const until = Math.floor(Date.now() / 1_000) + proofSeconds;
  return { linkId: link.id, proof: `${until}.${sign(deps, link, until)}`, seconds: proofSeconds };
}

/** Counts one opening of the page of a link. */
export async function countOpening(deps: SharingDeps, organizationId: string, linkId: string): Promise<void> {
  await deps.store.transact((tx) =>
    tx
      .updateTable("share_link")
      .set((eb) => ({ opened_count: eb("opened_count", "+", 1), last_opened_at: new Date() }))
      .where("organization_id", "=", organizationId)
      .where("id", "=", linkId)
      .execute(),
  );
}

async function findLink(deps: SharingDeps, visit: LinkVisit): Promise<FoundLink> {
  const isPossible = /^[A-Za-z0-9_-]{20,100}$/.test(visit.token);
  const result = isPossible
    ? await sql<FoundLink>`
        SELECT l.*, o.name AS organization_name,
          (SELECT p.display_name FROM principal p WHERE p.organization_id = l.organization_id AND p.id = l.created_by) AS shared_by,
          o.state = 'active' AND a.deleted_at IS NULL AND owner.state = 'active' AS is_open
        FROM share_link l
        JOIN organization o ON o.id = l.organization_id
        JOIN account a ON a.organization_id = l.organization_id AND a.id = l.account_id
        JOIN principal owner ON owner.organization_id = a.organization_id AND owner.id = a.owner_id
        WHERE l.token_hash = ${deps.secrets.hashToken(linkPurpose, visit.token)}`.execute(deps.store.read)
    : { rows: [] };
  const link = result.rows[0];
  if (!link) {
    await chargeAttempt(deps.store, `share-token ${networkOf(visit.remoteAddress)}`, tokenPolicy);
    throw new DomainError("not_found", "There is no such link");
  }
  if (link.revoked_at !== null) throw gone("revoked");
  if (link.expires_at !== null && link.expires_at.getTime() <= Date.now()) throw gone("expired");
  if (!link.is_open) throw gone("removed");
  return link;
}

function gone(reason: "expired" | "revoked" | "removed"): DomainError {
  return new DomainError("expired", "This link leads nowhere any more", { data: { reason } });
}

function isUnlocked(deps: SharingDeps, link: FoundLink, proof: string | undefined): boolean {
  if (link.password_hash === null) return true;
  const [, until, signature = ""] = /^(\d{1,12})\.([A-Za-z0-9_-]{43})$/.exec(proof ?? "") ?? [];
  if (until === undefined || Number(until) * 1_000 <= Date.now()) return false;
  return timingSafeEqual(Buffer.from(signature), Buffer.from(sign(deps, link, Number(until))));
}

/** Bound to the link, to its password as it is now, and to the time. */
function sign(deps: SharingDeps, link: FoundLink, until: number): string {
  const password = createHash("sha256")
    .update(link.password_hash ?? "")
    .digest("base64url");
  return deps.secrets.hashToken("share-proof", `${link.id} ${password} ${until}`).toString("base64url");
}
