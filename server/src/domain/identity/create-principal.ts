import { randomBytes } from "node:crypto";
import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { DomainError } from "../errors.ts";
import type { PrincipalKey } from "./identity-deps.ts";
import { normalizeAddress } from "./normalize-address.ts";
import type { Role } from "./viewer.ts";

export type PrincipalKind = "person" | "group" | "resource" | "shared_mailbox" | "team_folder" | "service";

export interface NewPrincipal {
  kind: PrincipalKind;
  displayName: string;
  givenName?: string;
  familyName?: string;
  jobTitle?: string;
  /** The primary address; its domain must belong to the organization. Required for a person and a shared mailbox. */
  address?: string;
  aliases?: readonly string[];
  roles?: readonly Role[];
  language?: "fr" | "en";
  timeZone?: string;
  /** In bytes. */
  quotas: { mail: number; files: number };
}

export interface CreatedPrincipal extends AccountKey {
  principalId: string;
  uid: string;
}

const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

function newUid(): string {
  return `p${[...randomBytes(11)].map((byte) => alphabet[byte % 32]).join("")}`;
}

/**
 * Adds a principal with its account, feeds, quotas, addresses and logins. Mailboxes and drive root are their areas' business:
 * see domain/lifecycle.
 * @throws DomainError `already_exists` for an address in use, `invalid`
 */
export async function createPrincipal(
  tx: Transactor,
  organizationId: string,
  input: NewPrincipal,
): Promise<CreatedPrincipal> {
  const displayName = input.displayName.trim().normalize("NFC");
  if (displayName === "" || displayName.length > 200)
    throw new DomainError("invalid", "A name of at most 200 characters is needed");
  if (!input.address && ["person", "shared_mailbox", "service"].includes(input.kind)) {
    throw new DomainError("invalid", "An address is needed");
  }
  const uid = newUid();
  const { id: principalId } = await tx
    .insertInto("principal")
    .values({
      organization_id: organizationId,
      kind: input.kind,
      uid,
      display_name: displayName,
      given_name: input.givenName ?? null,
      family_name: input.familyName ?? null,
      job_title: input.jobTitle ?? null,
      ...(input.language && { language: input.language }),
      ...(input.timeZone && { time_zone: input.timeZone }),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await tx
    .insertInto("login")
    .values({ login: uid, organization_id: organizationId, principal_id: principalId })
    .execute();
  if (input.address) await addAddress(tx, { organizationId, principalId }, input.address, "primary");
  for (const alias of input.aliases ?? []) await addAddress(tx, { organizationId, principalId }, alias, "alias");
  for (const role of input.roles ?? []) {
    await tx
      .insertInto("principal_role")
      .values({ organization_id: organizationId, principal_id: principalId, role })
      .execute();
  }
  const { id: accountId } = await tx
    .insertInto("account")
    .values({ organization_id: organizationId, owner_id: principalId })
    .returning("id")
    .executeTakeFirstOrThrow();
  await tx
    .insertInto("feed")
    .values(
      (["mail", "calendar", "contacts", "files"] as const).map((area) => ({
        organization_id: organizationId,
        account_id: accountId,
        area,
      })),
    )
    .execute();
  await tx
    .insertInto("quota")
    .values([
      { organization_id: organizationId, account_id: accountId, area: "mail", limit_bytes: input.quotas.mail },
      { organization_id: organizationId, account_id: accountId, area: "files", limit_bytes: input.quotas.files },
    ])
    .execute();
  return { organizationId, accountId, principalId, uid };
}

/**
 * @throws DomainError `already_exists` when the address is in use anywhere, `invalid` when its domain is not the organization's
 */
export async function addAddress(
  tx: Transactor,
  owner: PrincipalKey,
  text: string,
  kind: "primary" | "alias",
): Promise<string> {
  const { address, domain } = normalizeAddress(text);
  const known = await tx
    .selectFrom("domain")
    .select("name")
    .where("name", "=", domain)
    .where("organization_id", "=", owner.organizationId)
    .executeTakeFirst();
  if (!known) throw new DomainError("invalid", `The domain ${domain} does not belong to this organization`);
  const inserted = await tx
    .insertInto("address")
    .values({ address, domain, organization_id: owner.organizationId, principal_id: owner.principalId, kind })
    .onConflict((conflict) => conflict.doNothing())
    .returning("address")
    .executeTakeFirst();
  if (!inserted) throw new DomainError("already_exists", `The address ${address} is already used`);
  await tx
    .insertInto("login")
    .values({ login: address, organization_id: owner.organizationId, principal_id: owner.principalId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return address;
}
