import { sql } from "kysely";
import type { Reader, Store } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import type { PrincipalKey } from "./identity-deps.ts";

export type StatusKind = "online" | "away" | "dnd" | "busy" | "invisible" | "offline";
const settable: readonly StatusKind[] = ["online", "away", "dnd", "busy", "invisible", "offline"];

/** What a person says of themselves to their colleagues. */
export interface UserStatus {
  readonly uid: string;
  readonly status: StatusKind;
  readonly message: string | undefined;
  /** One emoji. */
  readonly icon: string | undefined;
  readonly clearAt: Date | undefined;
}

const longestMessage = 80;

interface Row {
  uid: string;
  status: StatusKind;
  message: string | null;
  icon: string | null;
  clear_at: Date | null;
}

const columns = sql<Row>`p.uid, s.status,
  CASE WHEN s.clear_at IS NULL OR s.clear_at > now() THEN s.message END AS message,
  CASE WHEN s.clear_at IS NULL OR s.clear_at > now() THEN s.icon END AS icon,
  CASE WHEN s.clear_at > now() THEN s.clear_at END AS clear_at`;

function fromRow(row: Row): UserStatus {
  return {
    uid: row.uid,
    status: row.status,
    message: row.message ?? undefined,
    icon: row.icon ?? undefined,
    clearAt: row.clear_at ?? undefined,
  };
}

/** The person's own, as they set it; a message whose time is over is gone. @returns undefined when they never said anything */
export async function readOwnStatus(reader: Reader, person: PrincipalKey): Promise<UserStatus | undefined> {
  const { rows } = await sql<Row>`
    SELECT ${columns} FROM user_status s JOIN principal p ON p.organization_id = s.organization_id AND p.id = s.principal_id
    WHERE s.organization_id = ${person.organizationId} AND s.principal_id = ${person.principalId}`.execute(reader);
  return rows[0] && fromRow(rows[0]);
}

/** What colleagues see, of one of them or of those who said something last: who is invisible looks offline, and says nothing. */
export async function listStatuses(
  reader: Reader,
  organizationId: string,
  options: { uid?: string; limit?: number; offset?: number } = {},
): Promise<UserStatus[]> {
  const { uid, limit = 100, offset = 0 } = options;
  const { rows } = await sql<Row>`
    SELECT ${columns} FROM user_status s JOIN principal p ON p.organization_id = s.organization_id AND p.id = s.principal_id
    WHERE s.organization_id = ${organizationId} AND p.state = 'active' AND ${uid === undefined ? sql`true` : sql`p.uid = ${uid}`}
    ORDER BY s.updated_at DESC, p.id LIMIT ${Math.min(500, Math.max(1, limit))} OFFSET ${Math.max(0, offset)}`.execute(
    reader,
  );
  return rows.map((row) => {
    const status = fromRow(row);
    return row.status === "invisible"
      ? { uid: status.uid, status: "offline", message: undefined, icon: undefined, clearAt: undefined }
      : status;
  });
}

/** @throws DomainError `invalid` for a status that there is not */
export async function setStatus(store: Store, person: PrincipalKey, status: string): Promise<UserStatus> {
  const known = settable.find((each) => each === status);
  if (!known) throw new DomainError("invalid", `Status-type "${status.slice(0, 40)}" is not supported`);
  return change(store, person, { status: known });
}

/**
 * Sets the message; without one, and without an icon, takes it away.
 * @throws DomainError `invalid` for a message of more than 80 characters, an icon that is no single character, or a time that is past
 */
export async function setStatusMessage(
  store: Store,
  person: PrincipalKey,
  input: { message: string | undefined; icon: string | undefined; clearAt: Date | undefined },
): Promise<UserStatus> {
  const message = input.message?.trim().normalize("NFC") || null;
  const icon = input.icon?.trim() || null;
  if (message !== null && ([...message].length > longestMessage || /\p{Cc}/u.test(message))) {
    throw new DomainError("invalid", "Message is too long", { data: { field: "/message" } });
  }
  if (icon !== null && (icon.length > 32 || [...new Intl.Segmenter("fr").segment(icon)].length !== 1)) {
    throw new DomainError("invalid", "Status-Icon is invalid", { data: { field: "/statusIcon" } });
  }
  if (input.clearAt && input.clearAt.getTime() <= Date.now()) {
    throw new DomainError("invalid", "ClearAt is in the past", { data: { field: "/clearAt" } });
  }
  const hasText = message !== null || icon !== null;
  return change(store, person, { message, icon, clear_at: hasText ? (input.clearAt ?? null) : null });
}

async function change(
  store: Store,
  person: PrincipalKey,
  values: { status?: StatusKind; message?: string | null; icon?: string | null; clear_at?: Date | null },
): Promise<UserStatus> {
  return store.transact(async (tx) => {
    await tx
      .insertInto("user_status")
      .values({
        organization_id: person.organizationId,
        principal_id: person.principalId,
        status: "online",
        ...values,
      })
      .onConflict((conflict) =>
        conflict.columns(["organization_id", "principal_id"]).doUpdateSet({ ...values, updated_at: new Date() }),
      )
      .execute();
    return (await readOwnStatus(tx, person))!;
  });
}
