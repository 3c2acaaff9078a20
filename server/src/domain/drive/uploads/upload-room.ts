import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import type { OpenedDrive } from "../open-drive.ts";
import { listUploadSessions, type UploadOwner } from "./upload-session.ts";

interface Room {
  organization_id: string;
  account_id: string;
  used_bytes: number;
  limit_bytes: number;
}

/**
 * Refuses bytes that no place of the viewer has room for, wherever they will go: only the end of an upload says where that is. A file
 * that they replace gives its own room back.
 * @param bytes of the whole file, as far as they are known
 * @throws DomainError `over_quota`
 */
export async function requireRoomSomewhere(reader: Reader, drive: OpenedDrive, bytes: number): Promise<void> {
  const rooms = await readRooms(reader, drive);
  const owner: UploadOwner = drive.viewer;
  const sessions = await listUploadSessions(reader, owner);
  // What waits counts in no quota: together it never takes more than the largest one.
  const waiting = sessions.reduce((sum, session) => sum + session.receivedBytes, 0);
  const largest = Math.max(0, ...rooms.map((room) => room.limit_bytes));
  if (waiting > largest) throw noRoom(`${waiting} bytes wait already`);
  if (rooms.some((room) => room.used_bytes + bytes <= room.limit_bytes)) return;
  for (const room of rooms) {
    if (bytes > room.limit_bytes) continue;
    if (room.used_bytes + bytes - (await readLargestFile(reader, room)) <= room.limit_bytes) return;
  }
  throw noRoom(`${bytes} bytes fit nowhere`);
}

async function readRooms(reader: Reader, drive: OpenedDrive): Promise<Room[]> {
  const mounted = drive.mounts
    .map((mount) => mount.access)
    .filter(({ rights }) => rights.has("write") || rights.has("create"));
  const accesses = [drive.own, ...mounted];
  const result = await sql<Room>`
    SELECT DISTINCT q.organization_id, q.account_id, q.used_bytes, q.limit_bytes FROM quota q
    JOIN unnest(${accesses.map((each) => each.organizationId)}::uuid[], ${accesses.map((each) => each.accountId)}::uuid[])
      k(organization_id, account_id) USING (organization_id, account_id)
    WHERE q.area = 'files'`.execute(reader);
  return result.rows;
}

/** Reads a whole account: only when there is no room otherwise. */
async function readLargestFile(reader: Reader, room: Room): Promise<number> {
  const row = await reader
    .selectFrom("drive_node")
    .select((eb) => eb.fn.max("size").as("size"))
    .where("organization_id", "=", room.organization_id)
    .where("account_id", "=", room.account_id)
    .where("kind", "=", "file")
    .where("state", "=", "live")
    .executeTakeFirst();
  return row?.size ?? 0;
}

function noRoom(detail: string): DomainError {
  return new DomainError("over_quota", "There is not enough room left", { detail });
}
