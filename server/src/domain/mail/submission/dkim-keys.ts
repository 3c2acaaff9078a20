import { sql } from "kysely";
import type { Reader, Store } from "../../../store/database.ts";
import { findOrganizationOf } from "../../identity/find-organization-of.ts";
import { normalizeDomain } from "../../identity/normalize-address.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";
import type { Resolver } from "../resolver.ts";
import { createDkimKeys, type DkimAlgorithm, makeDkimKeys } from "./create-dkim-key.ts";

export interface DkimDeps {
  readonly store: Store;
  readonly secrets: ServerSecrets;
  readonly resolver: Resolver;
}

/**
 * `pending`: to be published; signs nothing yet. `active`: signs. `retiring`: signs no more, and its record must stay for what it
 * signed. `retired`: its record may go, its private part is gone.
 */
export type DkimState = "pending" | "active" | "retiring" | "retired";

/** What DNS shows of a key: `different` is another key, or one that was revoked. */
export type DkimCheck = "found" | "missing" | "different" | "unreachable";

export interface DkimKeyRecord {
  domain: string;
  selector: string;
  algorithm: DkimAlgorithm;
  state: DkimState;
  /** `p=` */
  publicKey: string;
  createdAt: Date;
  activatedAt: Date | undefined;
  retiringAt: Date | undefined;
  /** Of the last look in DNS. */
  checkedAt: Date | undefined;
  checkResult: DkimCheck | undefined;
}

/** Mail under way for days, or lying in a mailbox that is verified late, still finds the record. */
const retiringDays = 7;

/**
 * The keys of a domain, of an organization, or of all, newest first.
 * @throws DomainError `not_found` when the domain is not held here
 */
export async function listDkimKeys(
  reader: Reader,
  of: { domain?: string; organizationId?: string },
): Promise<DkimKeyRecord[]> {
  const name = of.domain === undefined ? undefined : normalizeDomain(of.domain);
  if (name !== undefined) await findOrganizationOf(reader, name);
  let query = reader.selectFrom("dkim_key").selectAll();
  if (name !== undefined) query = query.where("domain", "=", name);
  if (of.organizationId !== undefined) query = query.where("organization_id", "=", of.organizationId);
  const rows = await query.orderBy("domain").orderBy("created_at", "desc").orderBy("algorithm", "desc").execute();
  return rows.map((row) => ({
    domain: row.domain,
    selector: row.selector,
    algorithm: row.algorithm as DkimAlgorithm,
    state: row.state as DkimState,
    publicKey: row.public_key,
    createdAt: row.created_at,
    activatedAt: row.activated_at ?? undefined,
    retiringAt: row.retiring_at ?? undefined,
    checkedAt: row.checked_at ?? undefined,
    checkResult: (row.check_result as DkimCheck | null) ?? undefined,
  }));
}

/** The TXT record that publishes a key (RFC 6376 section 3.6.1). */
export function dkimRecord(key: Pick<DkimKeyRecord, "algorithm" | "publicKey">): string {
  return `v=DKIM1; k=${key.algorithm}; p=${key.publicKey}`;
}

/**
 * Makes new keys for a domain, which sign once DNS shows them; those that wait already are kept.
 * @returns the selectors to publish
 * @throws DomainError `not_found`
 */
export async function beginDkimRotation(deps: Omit<DkimDeps, "resolver">, domain: string): Promise<string[]> {
  const name = normalizeDomain(domain);
  const organizationId = await findOrganizationOf(deps.store.read, name);
  const keys = await makeDkimKeys();
  return deps.store.transact(async (tx) => {
    await tx.selectFrom("domain").select("name").where("name", "=", name).forUpdate().execute();
    const waiting = await tx
      .selectFrom("dkim_key")
      .select(["selector", "algorithm"])
      .where("domain", "=", name)
      .where("state", "=", "pending")
      .execute();
    const missing = keys.filter((key) => !waiting.some((row) => row.algorithm === key.algorithm));
    const made = await createDkimKeys(tx, deps.secrets, { organizationId, domain: name }, missing, "pending");
    return [...waiting.map((row) => row.selector), ...made];
  });
}

/**
 * Looks in DNS for the keys of a domain and does what follows: a pending key that is found signs from now on, and the one it
 * replaces retires. An active key that is not found goes on signing, since it harms nothing.
 * @returns the keys as they are now
 * @throws DomainError `not_found`
 */
export async function checkDkimKeys(deps: DkimDeps, domain: string, now: Date = new Date()): Promise<DkimKeyRecord[]> {
  const keys = await listDkimKeys(deps.store.read, { domain });
  for (const key of keys) {
    if (key.state === "retired") continue;
    const result = await lookForKey(deps.resolver, key);
    await deps.store.transact(async (tx) => {
      await tx
        .updateTable("dkim_key")
        .set({ checked_at: now, check_result: result })
        .where("domain", "=", key.domain)
        .where("selector", "=", key.selector)
        .execute();
      if (result !== "found") return;
      const activated = await tx
        .updateTable("dkim_key")
        .set({ state: "active", activated_at: now })
        .where("domain", "=", key.domain)
        .where("selector", "=", key.selector)
        .where("state", "=", "pending")
        .executeTakeFirst();
      if (Number(activated.numUpdatedRows) === 0) return;
      await tx
        .updateTable("dkim_key")
        .set({ state: "retiring", retiring_at: now })
        .where("domain", "=", key.domain)
        .where("algorithm", "=", key.algorithm)
        .where("state", "=", "active")
        .where("selector", "<>", key.selector)
        .execute();
    });
  }
  return listDkimKeys(deps.store.read, { domain });
}

async function lookForKey(resolver: Resolver, key: DkimKeyRecord): Promise<DkimCheck> {
  try {
    const records = await resolver.resolve(`${key.selector}._domainkey.${key.domain}`, "TXT");
    const found = records.some((strings) => isRecordOf(strings.join(""), key));
    return found ? "found" : "different";
  } catch (error) {
    const { code } = error as { code?: string };
    return code === "ENOTFOUND" || code === "ENODATA" ? "missing" : "unreachable";
  }
}

function isRecordOf(text: string, key: DkimKeyRecord): boolean {
  const tags = new Map<string, string>();
  for (const part of text.split(";")) {
    const at = part.indexOf("=");
    if (at !== -1) tags.set(part.slice(0, at).trim(), part.slice(at + 1).replace(/\s+/g, ""));
  }
  return (
    (tags.get("v") ?? "DKIM1") === "DKIM1" &&
    (tags.get("k") ?? "rsa") === key.algorithm &&
    tags.get("p") === key.publicKey
  );
}

/**
 * What is to be done every hour: begins the rotation of keys that are old, lets those sign that DNS shows, and ends those that
 * have been retiring long enough.
 * @param rotationDays age at which a signing key is replaced; 0: never by itself
 */
export async function tendDkimKeys(
  deps: DkimDeps,
  rotationDays: number,
  now: Date = new Date(),
): Promise<{ begun: number; activated: number; retired: number }> {
  const days = (count: number): Date => new Date(now.getTime() - count * 86_400_000);
  let begun = 0;
  if (rotationDays > 0) {
    const old = await sql<{ domain: string }>`
      SELECT DISTINCT k.domain FROM dkim_key k WHERE k.state = 'active' AND k.activated_at < ${days(rotationDays)}
        AND NOT EXISTS (SELECT FROM dkim_key p WHERE p.domain = k.domain AND p.state = 'pending')`.execute(
      deps.store.read,
    );
    for (const { domain } of old.rows) {
      await beginDkimRotation(deps, domain);
      begun++;
    }
  }
  const looked = await deps.store.read
    .selectFrom("dkim_key")
    .select("domain")
    .distinct()
    .where((eb) =>
      eb.or([
        eb("state", "=", "pending"),
        eb.and([eb("state", "<>", "retired"), eb.or([eb("checked_at", "is", null), eb("checked_at", "<", days(1))])]),
      ]),
    )
    .execute();
  const countPending = async (): Promise<number> => {
    const rows = await deps.store.read
      .selectFrom("dkim_key")
      .select("selector")
      .where("state", "=", "pending")
      .execute();
    return rows.length;
  };
  const before = await countPending();
  for (const { domain } of looked) await checkDkimKeys(deps, domain, now);
  const activated = before - (await countPending());
  const retired = await deps.store.transact((tx) =>
    tx
      .updateTable("dkim_key")
      .set({ state: "retired", private_key: "" })
      .where("state", "=", "retiring")
      .where("retiring_at", "<", days(retiringDays))
      .executeTakeFirst(),
  );
  return { begun, activated, retired: Number(retired.numUpdatedRows) };
}
