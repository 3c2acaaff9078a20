import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { moveGrantsEpoch } from "../identity/move-grants-epoch.ts";
import type { Right } from "./account-access.ts";

export interface Grantee {
  organizationId: string;
  principalId: string;
}

/** A whole account, one mailbox of it, or one node of its drive with all beneath. */
export interface GrantTarget extends AccountKey {
  mailboxId?: string | null;
  nodeId?: string | null;
}

export interface GrantTerms {
  /** From then on it gives nothing; null for ever. What is left out stays as it was. */
  expiresAt?: Date | null;
  /** For whoever receives it. */
  note?: string | null;
  /** Who gives. */
  createdBy?: string | null;
  /** Of whoever gives, when it is not that of the account. */
  createdByOrganization?: string | null;
  /** Of one that is given again as it was. */
  was?: { id: string; shareNumber: number; createdAt: Date };
}

export interface WrittenGrant {
  id: string;
  /** What the client API calls it: of grants on nodes only. */
  shareNumber: number | null;
}

/**
 * Gives a principal rights on a whole account or on a part of it, replacing those it had there; none takes them all away. Two
 * rows, one on each side. The epoch of everybody whom it reaches moves, through groups too, so that their sync tokens start
 * again; when rights shrink, their open connections are told to look again at what they may do. Says nothing about who may give: see
 * domain/mail/delegation and domain/sharing. To be called before a feed is locked.
 * @param terms a principal for who gave them, or all of the terms
 * @returns what is there now, nothing when it was taken away
 */
export async function grantAccount(
  tx: Transactor,
  target: GrantTarget,
  grantee: Grantee,
  rights: readonly Right[],
  terms: string | null | GrantTerms = null,
): Promise<WrittenGrant | undefined> {
  const given: GrantTerms = terms === null || typeof terms === "string" ? { createdBy: terms } : terms;
  const collectionId = target.nodeId ?? target.mailboxId ?? null;
  const wanted = [...new Set(rights)];
  const before = await tx
    .selectFrom("grant_given")
    .select(["id", "rights", "expires_at", "note", "share_number"])
    .where("organization_id", "=", target.organizationId)
    .where("account_id", "=", target.accountId)
    .where(sql<boolean>`collection_id IS NOT DISTINCT FROM ${collectionId}::uuid`)
    .where("grantee_organization_id", "=", grantee.organizationId)
    .where("grantee_id", "=", grantee.principalId)
    .forUpdate()
    .executeTakeFirst();
  const wasOver = before?.expires_at != null && before.expires_at.getTime() <= Date.now();
  const had = wasOver ? [] : (before?.rights ?? []);
  const kept = { expiresAt: before?.expires_at ?? null, note: before?.note ?? null };
  const settled = { ...kept, ...given };
  const isSame =
    wanted.length === had.length &&
    wanted.every((right) => had.includes(right)) &&
    settled.expiresAt?.getTime() === kept.expiresAt?.getTime() &&
    settled.note === kept.note;
  // What is over is taken away all the same: it would be in the way of another share.
  if (isSame && !(wasOver && wanted.length === 0)) return before && { id: before.id, shareNumber: before.share_number };
  let written: WrittenGrant | undefined;
  if (wanted.length > 0) written = await writeGrant(tx, target, grantee, wanted, settled);
  else if (before) await removeGrant(tx, target, grantee, before.id);
  const reached = await moveGrantsEpoch(tx, grantee.organizationId, [grantee.principalId]);
  // Whoever left what a group of theirs has sees it again once it is shared with them. After the lock of the epoch, as when leaving.
  if (target.nodeId != null && had.length === 0 && wanted.length > 0) await forgetLeft(tx, target, grantee);
  const ends = settled.expiresAt?.getTime();
  if (had.some((right) => !wanted.includes(right as Right)) || (ends !== undefined && ends <= Date.now())) {
    for (const id of reached) tx.hint({ kind: "revoked", id });
  }
  return written;
}

async function forgetLeft(tx: Transactor, target: GrantTarget, grantee: Grantee): Promise<void> {
  await tx
    .deleteFrom("drive_mount")
    .where("organization_id", "=", grantee.organizationId)
    .where("principal_id", "=", grantee.principalId)
    .where("target_organization_id", "=", target.organizationId)
    .where("target_node_id", "=", target.nodeId!)
    .where("is_hidden", "=", true)
    .execute();
}

async function writeGrant(
  tx: Transactor,
  target: GrantTarget,
  grantee: Grantee,
  rights: Right[],
  terms: GrantTerms,
): Promise<WrittenGrant> {
  const isNode = target.nodeId != null;
  const collection = {
    collection_id: target.nodeId ?? target.mailboxId ?? null,
    collection_kind: isNode ? "node" : target.mailboxId != null ? "mailbox" : null,
  };
  const expires_at = terms.expiresAt ?? null;
  const note = terms.note ?? null;
  const created_by = terms.createdBy ?? null;
  const created_by_organization = terms.createdByOrganization ?? null;
  const given = await tx
    .insertInto("grant_given")
    .values({
      organization_id: target.organizationId,
      id: terms.was?.id ?? uuidv7(),
      account_id: target.accountId,
      ...collection,
      grantee_organization_id: grantee.organizationId,
      grantee_id: grantee.principalId,
      rights,
      created_by,
      created_by_organization,
      expires_at,
      note,
      ...(isNode && { share_number: terms.was?.shareNumber ?? sql<number>`nextval('share_number')` }),
      ...(terms.was && { created_at: terms.was.createdAt }),
    })
    .onConflict((conflict) =>
      conflict
        .columns(["organization_id", "account_id", "collection_id", "grantee_organization_id", "grantee_id"])
        .doUpdateSet({
          rights,
          expires_at,
          note,
          ...(terms.createdBy !== undefined && { created_by, created_by_organization }),
        }),
    )
    .returning(["id", "share_number"])
    .executeTakeFirstOrThrow();
  await tx
    .insertInto("grant_received")
    .values({
      organization_id: grantee.organizationId,
      principal_id: grantee.principalId,
      grant_id: given.id,
      account_organization_id: target.organizationId,
      account_id: target.accountId,
      ...collection,
      rights,
      expires_at,
    })
    .onConflict((conflict) =>
      conflict.columns(["organization_id", "principal_id", "grant_id"]).doUpdateSet({ rights, expires_at }),
    )
    .execute();
  return { id: given.id, shareNumber: given.share_number };
}

async function removeGrant(tx: Transactor, target: GrantTarget, grantee: Grantee, grantId: string): Promise<void> {
  await tx
    .deleteFrom("grant_received")
    .where("organization_id", "=", grantee.organizationId)
    .where("principal_id", "=", grantee.principalId)
    .where("grant_id", "=", grantId)
    .execute();
  await tx
    .deleteFrom("grant_given")
    .where("organization_id", "=", target.organizationId)
    .where("id", "=", grantId)
    .execute();
}
