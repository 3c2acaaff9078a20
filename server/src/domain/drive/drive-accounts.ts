import type { Reader } from "../../store/database.ts";
import { type AccountAccess, listAccounts, openAccount } from "../access/account-access.ts";
import type { Viewer } from "../identity/viewer.ts";
import { notFound } from "./reach-node.ts";

/** The accounts whose whole drive a viewer may open: theirs, and team folders. A right on another whole account is about mail. */
export async function listDriveAccounts(reader: Reader, viewer: Viewer): Promise<AccountAccess[]> {
  return (await listAccounts(reader, viewer)).filter(opensDrive);
}

/** One of them. @throws DomainError `not_found` */
export async function openDriveAccount(reader: Reader, viewer: Viewer, accountId: string): Promise<AccountAccess> {
  const access = await openAccount(reader, viewer, accountId);
  if (!opensDrive(access)) throw notFound();
  return access;
}

function opensDrive(access: AccountAccess): boolean {
  return access.rights.has("read") && (access.isOwn || access.ownerKind === "team_folder");
}
