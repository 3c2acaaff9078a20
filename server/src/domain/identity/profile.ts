import { sql } from "kysely";
import type { Reader, Store } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import type { PrincipalKey } from "./identity-deps.ts";
import { mayWork } from "./load-viewer.ts";

export interface Profile {
  readonly uid: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly jobTitle: string;
  readonly language: "fr" | "en";
  readonly timeZone: string;
  readonly organizationName: string;
  /** Primary first. */
  readonly addresses: string[];
}

export interface ProfileChange {
  displayName?: string;
  givenName?: string;
  familyName?: string;
  jobTitle?: string;
  language?: "fr" | "en";
  timeZone?: string;
}

/** @throws DomainError `not_found` */
export async function readProfile(reader: Reader, person: PrincipalKey): Promise<Profile> {
  const { rows } = await sql<{
    uid: string;
    display_name: string;
    given_name: string | null;
    family_name: string | null;
    job_title: string | null;
    language: string;
    time_zone: string;
    organization_name: string;
    addresses: string[];
  }>`
    SELECT p.uid, p.display_name, p.given_name, p.family_name, p.job_title, p.language, p.time_zone, o.name AS organization_name,
      ARRAY(SELECT a.address FROM address a WHERE a.organization_id = p.organization_id AND a.principal_id = p.id
        ORDER BY a.kind = 'primary' DESC, a.address) AS addresses
    FROM principal p JOIN organization o ON o.id = p.organization_id
    WHERE p.organization_id = ${person.organizationId} AND p.id = ${person.principalId}`.execute(reader);
  const row = rows[0];
  if (!row) throw new DomainError("not_found", "There is no such person");
  return {
    uid: row.uid,
    displayName: row.display_name,
    givenName: row.given_name ?? "",
    familyName: row.family_name ?? "",
    jobTitle: row.job_title ?? "",
    language: row.language === "en" ? "en" : "fr",
    timeZone: row.time_zone,
    organizationName: row.organization_name,
    addresses: row.addresses,
  };
}

/** The same by uid, for the provider. @returns undefined when nobody who may work has it */
export async function findProfile(reader: Reader, uid: string): Promise<Profile | undefined> {
  const { rows } = await sql<{ organization_id: string; id: string }>`
    SELECT p.organization_id, p.id FROM login l
    JOIN principal p ON p.organization_id = l.organization_id AND p.id = l.principal_id AND p.uid = l.login
    WHERE l.login = ${uid} AND ${mayWork}`.execute(reader);
  const row = rows[0];
  return row && readProfile(reader, { organizationId: row.organization_id, principalId: row.id });
}

/** A person changes what they are called and how they are spoken to. @throws DomainError `invalid` (data.field) */
export async function updateProfile(store: Store, person: PrincipalKey, change: ProfileChange): Promise<Profile> {
  const text = (field: keyof ProfileChange, maxLength: number): string | undefined => {
    const value = change[field]?.trim().normalize("NFC");
    if (value !== undefined && (value.length > maxLength || /\p{Cc}/u.test(value))) {
      throw new DomainError("invalid", "This text is too long or has characters that do not print", {
        data: { field: `/${field}` },
      });
    }
    return value;
  };
  const displayName = text("displayName", 120);
  if (displayName === "") throw new DomainError("invalid", "A name is needed", { data: { field: "/displayName" } });
  const [givenName, familyName, jobTitle] = [text("givenName", 80), text("familyName", 80), text("jobTitle", 120)];
  const { language, timeZone } = change;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new DomainError("invalid", "There is no such time zone", { data: { field: "/timeZone" } });
  }
  const values = {
    ...(displayName !== undefined && { display_name: displayName }),
    ...(givenName !== undefined && { given_name: givenName || null }),
    ...(familyName !== undefined && { family_name: familyName || null }),
    ...(jobTitle !== undefined && { job_title: jobTitle || null }),
    ...(language !== undefined && { language }),
    ...(timeZone !== undefined && { time_zone: timeZone }),
  };
  return store.transact(async (tx) => {
    if (Object.keys(values).length > 0) {
      await tx
        .updateTable("principal")
        .set(values)
        .where("organization_id", "=", person.organizationId)
        .where("id", "=", person.principalId)
        .execute();
    }
    return readProfile(tx, person);
  });
}

function isTimeZone(name: string): boolean {
  return name === "UTC" || Intl.supportedValuesOf("timeZone").includes(name);
}
