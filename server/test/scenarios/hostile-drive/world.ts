import assert from "node:assert/strict";
import { sql } from "kysely";
import { createFolder } from "../../../src/domain/drive/create-folder.ts";
import { readRootId } from "../../../src/domain/drive/read-root-id.ts";
import { uploadFile } from "../../../src/domain/drive/upload-file.ts";
import { openPortalSession, openServiceSession } from "../../../src/domain/identity/open-session.ts";
import { createShareLink } from "../../../src/domain/sharing/create-share-link.ts";
import { type DavAnswer, type DavSuite, startDavSuite } from "../../harness/dav-suite.ts";
import type { TownPerson } from "../../harness/town-hall.ts";

/** What nobody else may read: it is in a file of the victim, and in one of Anne's outside of the folder that her link shows. */
export const secret = "Quetzalcoatl";

export interface HostileWorld {
  readonly dav: DavSuite;
  readonly anne: TownPerson;
  readonly victim: TownPerson;
  /** `ouvert`, which the link shows and lets change. */
  readonly folderId: string;
  readonly token: string;
  /** Headers of Anne's signed-in browser. */
  readonly browser: Record<string, string>;
  readonly files: (path: string) => string;
  /** As Anne. */
  readonly ask: (
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: string | Uint8Array,
  ) => Promise<DavAnswer>;
  /** As nobody. */
  readonly visit: (method: string, path: string, headers?: Record<string, string>, body?: string) => Promise<DavAnswer>;
  /** What is in all drives, and that no name in them is a way out. */
  readonly stateOfAll: () => Promise<string>;
  /** Every try is refused by the one who is asked, tells nothing and changes nothing; the program has no fault of its own to report. */
  readonly refuseAll: (tries: readonly (readonly [name: string, run: () => Promise<DavAnswer>])[]) => Promise<void>;
  readonly assertNoFault: () => void;
}

/** One whole program with what somebody hostile would want from it. */
export async function openHostileWorld(): Promise<HostileWorld> {
  const dav = await startDavSuite();
  const anne = await dav.addPerson("Anne Martin");
  const victim = await dav.addPerson("Victor Cache");
  const { domain } = dav;
  const theirs = await readRootId(domain.store.read, victim.access);
  await uploadFile(domain, victim.access, { folderId: theirs, name: "secret.txt" }, Buffer.from(secret));
  const root = await readRootId(domain.store.read, anne.access);
  await uploadFile(domain, anne.access, { folderId: root, name: "secret.txt" }, Buffer.from(secret));
  const { id: folderId } = await createFolder(domain, anne.access, { parentId: root, name: "ouvert" });
  await uploadFile(domain, anne.access, { folderId, name: "a.txt" }, Buffer.from("open"));
  const rights = new Set(["read", "write", "create", "delete"] as const);
  const token = (await createShareLink(domain, { ...anne.access, viewer: anne.viewer }, folderId, { rights })).token!;
  const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
  const { familyId } = await openPortalSession(domain.identity, anne.viewer, client);
  const session = await openServiceSession(domain.identity, { uid: anne.uid, familyId, service: "drive", client });
  const origin = dav.suite.origins.drive;
  const browser = {
    ...{ host: new URL(origin).host, origin },
    cookie: `bouquet=${session.token}`,
    "x-bouquet-csrf": session.csrfToken,
  };

  const files = (path: string) => dav.filesOf(anne, path);
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string | Uint8Array) =>
    dav.ask(anne, method, path, headers, body);
  const visit = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    dav.ask(undefined, method, path, headers, body);

  async function stateOfAll(): Promise<string> {
    const { rows } = await sql<{ line: string; name: string }>`
      SELECT name, account_id || ' ' || coalesce(parent_id::text, '') || ' ' || name || ' ' || state || ' ' || coalesce(version_id::text, '') AS line
      FROM drive_node ORDER BY line`.execute(dav.domain.store.read);
    for (const { name } of rows) assert.doesNotMatch(name, /^\.{1,2}$|[/\0-\x1f\x7f]/, "a name that leads somewhere");
    return rows.map(({ line }) => line).join("\n");
  }

  async function refuseAll(tries: readonly (readonly [name: string, run: () => Promise<DavAnswer>])[]): Promise<void> {
    const before = await stateOfAll();
    const wrong: string[] = [];
    for (const [name, run] of tries) {
      const { status, body } = await run();
      const isRefused = (status >= 400 && status < 500) || status === 502 || /"error":true/.test(body);
      if (!isRefused || body.includes(secret)) wrong.push(`${name}: ${status} ${body.slice(0, 200)}`);
    }
    assert.ok(wrong.length === 0, wrong.join("\n"));
    assert.equal(await stateOfAll(), before);
    assertNoFault();
  }

  function assertNoFault(): void {
    assert.deepEqual(
      dav.suite.log.filter(({ level }) => Number(level) >= 50),
      [],
    );
  }

  return { dav, anne, victim, folderId, token, browser, files, ask, visit, stateOfAll, refuseAll, assertNoFault };
}
