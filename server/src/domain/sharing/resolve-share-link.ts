import { createHash, timingSafeEqual } from "node:crypto";
import { sql } from "kysely";
import type { Right } from "../access/account-access.ts";
import type { DriveAccess, DriveNode } from "../drive/model.ts";
import { reachNode } from "../drive/reach-node.ts";
import { readNode } from "../drive/read-node.ts";
import { DomainError } from "../errors.ts";
import { matchesPassword } from "../identity/hash-password.ts";
import { networkOf } from "../identity/network-of.ts";
import { chargeAttempt, forgetFailures, refundAttempt, type ThrottlePolicy } from "../identity/throttle.ts";
import { linkPurpose, type ShareLinkRow, type SharingDeps } from "./model.ts";
import { rightsOfSharer, type Sharer } from "./rights-of-sharer.ts";

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
  /** The password itself, of a program that sends it each time. */
  password?: string | undefined;
  /** What the person calls themselves. */
  visitorName?: string | undefined;
  remoteAddress: string;
}

/** What an opened link leads to, and what it allows there. */
export interface LinkContent {
  linkId: string;
  node: DriveNode;
  /** With the rights of the link, no more than those that its maker still has; it ends at the node. */
  access: DriveAccess;
  /**
   * For writing where the link shows nothing: as `access`, and may read. Nothing of what it reads is for whoever holds the link.
   */
  inside: DriveAccess;
  mayDownload: boolean;
  downloadLimit: number | null;
  visitorName: string | undefined;
  network: string;
  /** Who made it. */
  maker: Sharer;
}

export interface OpenedLink {
  linkId: string;
  /** Name of the person who made the link. */
  sharedBy: string;
  organization: string;
  expiresAt: Date | null;
  /** Undefined while the password is missing: nothing of what is shared is told. */
  opened: (LinkContent & { note: string | null; downloadsLeft: number | null }) | undefined;
}

interface FoundLink extends ShareLinkRow {
  organization_name: string;
  shared_by: string | null;
  owner_id: string;
  is_open: boolean;
}

/**
 * What a link leads to, no wider than the node.
 * @param options.isUnderWay for what was counted when it began
 * @throws DomainError `not_found` for a token that never was, `expired` with data.reason `expired`, `revoked` (also when its maker may
 *   not share it any more), `used_up` or `removed` (in the trash, in another space, its account closed), `throttled` for a network with
 *   too many wrong tokens; those of `unlockShareLink` when a password comes with it
 */
export async function resolveShareLink(
  deps: SharingDeps,
  visit: LinkVisit,
  options: { isUnderWay?: boolean } = {},
): Promise<OpenedLink> {
  const link = await findLink(deps, visit);
  if (link.download_limit !== null && link.download_count >= link.download_limit && !options.isUnderWay) {
    throw gone("used_up");
  }
  if (visit.password !== undefined && link.password_hash !== null)
    await checkPassword(deps, link, visit, visit.password);
  const account = { organizationId: link.organization_id, accountId: link.account_id };
  const maker = {
    organizationId: link.created_by_organization ?? link.organization_id,
    principalId: link.created_by,
  };
  const actor = { link: { id: link.id, visitorName: checkVisitorName(visit.visitorName) } };
  const inside = { ...account, subtreeId: link.node_id, actor };
  const reader: DriveAccess = { ...inside, rights: new Set(["read"]) };
  const chain = await reachNode(deps.store.read, { ...account, rights: reader.rights }, link.node_id).then(
    (reached) => reached.chain.map((row) => row.id),
    (error: unknown) => {
      if (error instanceof DomainError && error.code === "not_found") throw gone("removed");
      throw error;
    },
  );
  const rights = new Set(link.rights as Right[]);
  if (maker.principalId !== link.owner_id) {
    const theirs = await rightsOfSharer(deps.store.read, maker, account, chain);
    if (!theirs.has("share")) throw gone("revoked");
    for (const right of rights) if (!theirs.has(right)) rights.delete(right);
    if (rights.size === 0) throw gone("revoked");
  }
  const about = {
    linkId: link.id,
    sharedBy: link.shared_by ?? link.organization_name,
    organization: link.organization_name,
    expiresAt: link.expires_at,
  };
  if (!isUnlocked(deps, link, visit)) return { ...about, opened: undefined };
  const { node } = await readNode(deps.store.read, reader, link.node_id);
  return {
    ...about,
    opened: {
      linkId: link.id,
      node,
      access: { ...inside, rights },
      inside: { ...inside, rights: new Set([...rights, "read"]) },
      mayDownload: link.may_download && rights.has("read"),
      downloadLimit: link.download_limit,
      downloadsLeft: link.download_limit === null ? null : Math.max(0, link.download_limit - link.download_count),
      note: link.note,
      visitorName: actor.link.visitorName,
      network: networkOf(visit.remoteAddress),
      maker,
    },
  };
}

/** The same, for what only an opened link gives. @throws DomainError those of `resolveShareLink`, `unauthenticated` */
export async function requireOpenedLink(
  deps: SharingDeps,
  visit: LinkVisit,
  options: { isUnderWay?: boolean } = {},
): Promise<LinkContent> {
  const { opened } = await resolveShareLink(deps, visit, options);
  if (!opened) throw new DomainError("unauthenticated", "This link needs its password");
  return opened;
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
  if (link.password_hash !== null) await checkPassword(deps, link, visit, password);
  const until = Math.floor(Date.now() / 1_000) + proofSeconds;
  return { linkId: link.id, proof: `${until}.${sign(deps, link, until)}`, seconds: proofSeconds };
}

/** @throws DomainError `wrong_credentials`, `throttled` */
async function checkPassword(deps: SharingDeps, link: FoundLink, visit: LinkVisit, password: string): Promise<void> {
  const { store } = deps;
  const ofNetwork = `share-password ${link.id} ${networkOf(visit.remoteAddress)}`;
  const ofLink = `share-password ${link.id}`;
  const { triesLeft } = await chargeAttempt(store, ofNetwork, passwordPolicy);
  await chargeAttempt(store, ofLink, linkPolicy);
  if (!(await matchesPassword(password, link.password_hash!))) {
    throw new DomainError("wrong_credentials", "This is not the password of the link", {
      data: { attemptsLeft: triesLeft },
    });
  }
  await forgetFailures(store, ofNetwork);
  await refundAttempt(store, ofLink);
}

/** @throws DomainError `invalid` */
function checkVisitorName(name: string | undefined): string | undefined {
  const tidy = name?.trim().normalize("NFC");
  if (!tidy) return undefined;
  if (tidy.length > 100 || /[\p{Cc}\p{Cs}]/u.test(tidy)) {
    throw new DomainError("invalid", "A name has at most 100 characters", { data: { field: "/visitor" } });
  }
  return tidy;
}

async function findLink(deps: SharingDeps, visit: LinkVisit): Promise<FoundLink> {
  const isPossible = /^[A-Za-z0-9_-]{20,100}$/.test(visit.token);
  const result = isPossible
    ? await sql<FoundLink>`
        SELECT l.*, o.name AS organization_name,
          (SELECT p.display_name FROM principal p
            WHERE p.organization_id = coalesce(l.created_by_organization, l.organization_id) AND p.id = l.created_by) AS shared_by,
          owner.id AS owner_id, o.state = 'active' AND a.deleted_at IS NULL AND owner.state = 'active' AS is_open
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

export function gone(reason: "expired" | "revoked" | "removed" | "used_up"): DomainError {
  return new DomainError("expired", "This link leads nowhere any more", { data: { reason } });
}

/** A password that came along has been checked. */
function isUnlocked(deps: SharingDeps, link: FoundLink, { proof, password }: LinkVisit): boolean {
  if (link.password_hash === null || password !== undefined) return true;
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
