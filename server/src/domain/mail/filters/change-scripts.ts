import { sql } from "kysely";
import type { Store, Transactor } from "../../../store/database.ts";
import { takeModseq } from "../../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../../store/mail/lock-mail-feed.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import { type AccountAccess, requireRight } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import { checkScript } from "./check-script.ts";
import { normalizeScriptName, scriptQuota } from "./sieve-script.ts";

interface Deps {
  readonly store: Store;
}

interface ScriptRow {
  id: string;
  name: string;
  is_active: boolean;
  size: number;
}

const types = ["SieveScript", "VacationResponse"] as const;

/** Filters of an account may send its mail elsewhere: those of a shared one are for who manages it. */
export function requireFilterRight(access: AccountAccess): void {
  requireRight(access, "manage");
}

/** Works on the scripts under the feed lock; `work` says whether something changed. */
async function change<T>(
  deps: Deps,
  access: AccountAccess,
  work: (tx: Transactor, scripts: ScriptRow[]) => Promise<{ changed: boolean; result: T }>,
): Promise<T> {
  requireFilterRight(access);
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const { rows } = await sql<ScriptRow>`
      SELECT id, name, is_active, octet_length(content) AS size FROM sieve_script
      WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}`.execute(tx);
    const { changed, result } = await work(tx, rows);
    if (changed) await takeModseq(tx, access, "mail", types);
    return result;
  });
}

/**
 * @throws DomainError `over_quota` with `data.limit`: `MAXSCRIPTS` or `MAXSIZE` (RFC 5804 section 1.3)
 */
function requireRoom(scripts: readonly ScriptRow[], name: string, size: number): void {
  if (size > scriptQuota.bytesOfOne) throw over("MAXSIZE", `A script has at most ${scriptQuota.bytesOfOne} bytes`);
  const others = scripts.filter((each) => each.name !== name);
  if (others.length >= scriptQuota.scripts) {
    throw over("MAXSCRIPTS", `At most ${scriptQuota.scripts} scripts are possible`);
  }
  const bytes = others.reduce((sum, each) => sum + each.size, size);
  if (bytes > scriptQuota.bytesOfAll) throw over("MAXSIZE", "The scripts take too much space");
}

function over(limit: "MAXSCRIPTS" | "MAXSIZE", text: string): DomainError {
  return new DomainError("over_quota", text, { data: { limit } });
}

/** Whether a script of a size would be taken (HAVESPACE). @throws DomainError `forbidden`, `invalid`, `over_quota` */
export async function requireSpace(deps: Deps, access: AccountAccess, text: string, size: number): Promise<void> {
  const name = normalizeScriptName(text);
  await change(deps, access, async (_tx, scripts) => {
    requireRoom(scripts, name, size);
    return { changed: false, result: undefined };
  });
}

/**
 * Keeps a script under a name; one that has it is replaced, and stays active if it was.
 * @param options.mayReplace false: a script of the name is left alone
 * @param options.activate makes it the active one in the same transaction
 * @throws DomainError `forbidden`, `invalid` (`data.faults` when the script is wrong), `too_large`, `over_quota` (`data.limit`),
 *   `already_exists`
 */
export async function putScript(
  deps: Deps,
  access: AccountAccess,
  given: { name: string; content: string },
  options: { mayReplace: boolean; activate?: boolean } = { mayReplace: true },
): Promise<{ id: string; blobId: string }> {
  const name = normalizeScriptName(given.name);
  const content = given.content;
  checkScript(content);
  return change(deps, access, async (tx, scripts) => {
    requireRoom(scripts, name, Buffer.byteLength(content));
    const existing = scripts.find((each) => each.name === name);
    if (existing && !options.mayReplace) throw alreadyExists();
    const blobId = uuidv7();
    const id = existing?.id ?? uuidv7();
    if (existing) await updateScript(tx, access, id, { content, blob_id: blobId });
    else {
      const key = { organization_id: access.organizationId, account_id: access.accountId };
      await tx
        .insertInto("sieve_script")
        .values({ ...key, id, name, content, blob_id: blobId })
        .execute();
    }
    if (options.activate && !existing?.is_active) await setActive(tx, access, id);
    return { changed: true, result: { id, blobId } };
  });
}

/**
 * Changes what is given of one script.
 * @throws DomainError as `putScript`, and `not_found`
 */
export async function updateScriptById(
  deps: Deps,
  access: AccountAccess,
  id: string,
  given: { name?: string; content?: string },
): Promise<{ blobId?: string }> {
  const name = given.name === undefined ? undefined : normalizeScriptName(given.name);
  if (given.content !== undefined) checkScript(given.content);
  return change(deps, access, async (tx, scripts) => {
    const script = scripts.find((each) => each.id === id);
    if (!script) throw notFound();
    if (name !== undefined && scripts.some((each) => each.id !== id && each.name === name)) throw alreadyExists();
    const blobId = given.content === undefined ? undefined : uuidv7();
    if (given.content !== undefined) requireRoom(scripts, script.name, Buffer.byteLength(given.content));
    const values = {
      ...(name !== undefined && { name }),
      ...(given.content !== undefined && { content: given.content, blob_id: blobId! }),
    };
    if (Object.keys(values).length === 0) return { changed: false, result: {} };
    await updateScript(tx, access, id, values);
    return { changed: true, result: { ...(blobId !== undefined && { blobId }) } };
  });
}

/** @throws DomainError `forbidden`, `invalid`, `not_found`, `already_exists` */
export async function renameScript(deps: Deps, access: AccountAccess, from: string, to: string): Promise<void> {
  const old = from.normalize("NFC");
  const name = normalizeScriptName(to);
  await change(deps, access, async (tx, scripts) => {
    const script = scripts.find((each) => each.name === old);
    if (!script) throw notFound();
    if (scripts.some((each) => each.name === name && each !== script)) throw alreadyExists();
    await updateScript(tx, access, script.id, { name });
    return { changed: true, result: undefined };
  });
}

/**
 * Makes one script active, and thereby no other; undefined: none.
 * @throws DomainError `forbidden`, `not_found`
 */
export async function activateScript(
  deps: Deps,
  access: AccountAccess,
  which: { name: string } | { id: string } | undefined,
): Promise<void> {
  await change(deps, access, async (tx, scripts) => {
    const script = which && scripts.find((each) => isSame(each, which));
    if (which && !script) throw notFound();
    const active = scripts.find((each) => each.is_active);
    if (active?.id === script?.id) return { changed: false, result: undefined };
    await setActive(tx, access, script?.id);
    return { changed: true, result: undefined };
  });
}

/** @throws DomainError `forbidden`, `not_found`, `conflict` for the active script (RFC 5804 section 2.10) */
export async function deleteScript(
  deps: Deps,
  access: AccountAccess,
  which: { name: string } | { id: string },
): Promise<void> {
  await change(deps, access, async (tx, scripts) => {
    const script = scripts.find((each) => isSame(each, which));
    if (!script) throw notFound();
    if (script.is_active) throw new DomainError("conflict", "The active script cannot be deleted");
    await tx
      .deleteFrom("sieve_script")
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", script.id)
      .execute();
    return { changed: true, result: undefined };
  });
}

function isSame(script: ScriptRow, which: { name: string } | { id: string }): boolean {
  return "id" in which ? script.id === which.id : script.name === which.name.normalize("NFC");
}

function notFound(): DomainError {
  return new DomainError("not_found", "There is no such script");
}

function alreadyExists(): DomainError {
  return new DomainError("already_exists", "A script has this name already");
}

async function updateScript(
  tx: Transactor,
  access: AccountAccess,
  id: string,
  values: { name?: string; content?: string; blob_id?: string },
): Promise<void> {
  await tx
    .updateTable("sieve_script")
    .set({ ...values, changed_at: new Date() })
    .where("organization_id", "=", access.organizationId)
    .where("id", "=", id)
    .execute();
}

async function setActive(tx: Transactor, access: AccountAccess, id: string | undefined): Promise<void> {
  const ofAccount = tx
    .updateTable("sieve_script")
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId);
  // First none: a unique index is checked row by row.
  await ofAccount.set({ is_active: false }).where("is_active", "=", true).execute();
  if (id !== undefined) await ofAccount.set({ is_active: true }).where("id", "=", id).execute();
}
