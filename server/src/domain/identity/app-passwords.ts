import { randomInt } from "node:crypto";
import { sql } from "kysely";
import type { Reader, Transactor } from "../../store/database.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import type { IdentityDeps, PrincipalKey } from "./identity-deps.ts";

/** "send" opens submission like "smtp": it is the only one that a printer or a business program may have. */
export type AppPasswordScope = "imap" | "smtp" | "dav" | "send";
const appPasswordScopes: readonly AppPasswordScope[] = ["imap", "smtp", "dav", "send"];

export interface AppPassword {
  readonly id: string;
  readonly name: string;
  readonly scopes: AppPasswordScope[];
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
  readonly lastUsedFrom: string | undefined;
  /** Its owner asked the device to forget what it holds; it opens nothing since. */
  readonly wipeRequestedAt: Date | undefined;
  /** The device said that it has. */
  readonly wipedAt: Date | undefined;
}

/** Purpose of the stored hash. */
export const appPasswordPurpose = "app-password";

// 32 letters and digits that no one confuses, 28 of them: 140 bits.
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
const secretLength = 28;
const maxPerPerson = 50;
const longestName = 80;

/** What is typed: groups, blanks and capitals do not matter. */
export function normalizeAppPassword(text: string): string {
  return text.replace(/[\s\u00a0-]/g, "").toLowerCase();
}

/** Whether the text may be one at all: anything else is refused without asking the database. */
export function looksLikeAppPassword(normalized: string): boolean {
  return normalized.length === secretLength && [...normalized].every((character) => alphabet.includes(character));
}

/**
 * Makes a password for one program. It is shown once, in groups of four: `abcd-efgh-…`.
 * @throws DomainError `invalid`, `conflict` when the person has 50 already
 */
export async function createAppPassword(
  deps: IdentityDeps,
  person: PrincipalKey,
  input: { name: string; scopes: readonly AppPasswordScope[] },
): Promise<{ appPassword: AppPassword; secret: string }> {
  const { appPassword, secret } = await deps.store.transact((tx) => insertAppPassword(tx, deps.secrets, person, input));
  return { appPassword, secret: secret.match(/.{4}/g)!.join("-") };
}

/**
 * The same in the caller's transaction.
 * @returns the secret without its groups, for programs that are given it by a program
 * @throws DomainError `invalid`, `conflict` when the person has 50 already
 */
export async function insertAppPassword(
  tx: Transactor,
  secrets: IdentityDeps["secrets"],
  person: PrincipalKey,
  input: { name: string; scopes: readonly AppPasswordScope[] },
): Promise<{ appPassword: AppPassword; secret: string }> {
  const name = input.name.trim().normalize("NFC");
  if (name === "" || name.length > longestName || /\p{Cc}/u.test(name)) {
    throw new DomainError("invalid", "A name of at most 80 characters is needed", { data: { field: "/name" } });
  }
  const scopes = appPasswordScopes.filter((scope) => input.scopes.includes(scope));
  if (scopes.length === 0 || input.scopes.some((scope) => !appPasswordScopes.includes(scope))) {
    throw new DomainError("invalid", "Choose what the password is for", { data: { field: "/scopes" } });
  }
  const secret = newSecret();
  const kept = await tx
    .selectFrom("app_password")
    .select("id")
    .where("organization_id", "=", person.organizationId)
    .where("principal_id", "=", person.principalId)
    .where("revoked_at", "is", null)
    .execute();
  if (kept.length >= maxPerPerson)
    throw new DomainError("conflict", "Revoke passwords that are not used any more first");
  const row = await tx
    .insertInto("app_password")
    .values({
      organization_id: person.organizationId,
      principal_id: person.principalId,
      name,
      scopes,
      secret_hash: secrets.hashToken(appPasswordPurpose, secret),
    })
    .returning(["id", "created_at"])
    .executeTakeFirstOrThrow();
  const unused = { lastUsedAt: undefined, lastUsedFrom: undefined, wipeRequestedAt: undefined, wipedAt: undefined };
  return { appPassword: { id: row.id, name, scopes, createdAt: row.created_at, ...unused }, secret };
}

/**
 * The name of a device from what it says of itself: what cannot be shown is taken away, and what is too long is cut.
 */
export function toDeviceName(text: string): string {
  const name = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .normalize("NFC");
  const synchronizer = /\bmirall\/[\w.]+ \((?:Nextcloud|nextcloudcmd), ?([\w]+)/.exec(name)?.[1];
  const plain = synchronizer === undefined ? name : `Nextcloud (${synchronizer})`;
  // Half a character at the cut is none.
  return (
    plain
      .slice(0, longestName)
      .replace(/[\ud800-\udbff]$/, "")
      .trim() || "Nextcloud"
  );
}

function newSecret(): string {
  return Array.from({ length: secretLength }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/**
 * Gives a program another secret for the same app password, which keeps its name and its history; the old one opens nothing any more.
 * @returns the secret, to be shown once
 * @throws DomainError `not_found`
 */
export async function replaceAppPassword(deps: IdentityDeps, person: PrincipalKey, id: string): Promise<string> {
  const secret = newSecret();
  const row = await deps.store.transact((tx) =>
    tx
      .updateTable("app_password")
      .set({ secret_hash: deps.secrets.hashToken(appPasswordPurpose, secret) })
      .where("organization_id", "=", person.organizationId)
      .where("principal_id", "=", person.principalId)
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .returning("id")
      .executeTakeFirst(),
  );
  if (!row) throw new DomainError("not_found", "There is no such app password");
  return secret;
}

/** Those that work, and those of devices that are to be wiped or were in the last 30 days, newest first. */
export async function listAppPasswords(reader: Reader, person: PrincipalKey): Promise<AppPassword[]> {
  const rows = await reader
    .selectFrom("app_password")
    .select(["id", "name", "scopes", "created_at", "last_used_at", "last_used_from", "wipe_requested_at", "wiped_at"])
    .where("organization_id", "=", person.organizationId)
    .where("principal_id", "=", person.principalId)
    .where(
      sql<boolean>`revoked_at IS NULL
        OR wipe_requested_at IS NOT NULL AND (wiped_at IS NULL OR wiped_at > now() - interval '30 days')`,
    )
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: row.scopes as AppPasswordScope[],
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    lastUsedFrom: row.last_used_from ?? undefined,
    wipeRequestedAt: row.wipe_requested_at ?? undefined,
    wipedAt: row.wiped_at ?? undefined,
  }));
}

/**
 * The program that uses it is cut: its open connections are told after the commit.
 * @throws DomainError `not_found` when the person has no such password
 */
export async function revokeAppPassword(
  deps: Pick<IdentityDeps, "store">,
  person: PrincipalKey,
  id: string,
): Promise<void> {
  const revoked = isUuid(id)
    ? await deps.store.transact(async (tx) => {
        const row = await tx
          .updateTable("app_password")
          .set({ revoked_at: new Date() })
          .where("organization_id", "=", person.organizationId)
          .where("principal_id", "=", person.principalId)
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .returning("id")
          .executeTakeFirst();
        if (row) tx.hint({ kind: "revoked", id });
        return row;
      })
    : undefined;
  if (!revoked) throw new DomainError("not_found", "There is no such app password");
}
