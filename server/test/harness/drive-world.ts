import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { type AccountAccess, openAccount, openOwnAccount, type Right } from "../../src/domain/access/account-access.ts";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { createDriveRoot } from "../../src/domain/drive/create-drive-root.ts";
import type { DriveDeps, DriveNode } from "../../src/domain/drive/model.ts";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { type Upload, uploadFile } from "../../src/domain/drive/upload-file.ts";
import { addDomain, createOrganization } from "../../src/domain/identity/create-organization.ts";
import { createPrincipal } from "../../src/domain/identity/create-principal.ts";
import { loadViewer } from "../../src/domain/identity/load-viewer.ts";
import type { Viewer } from "../../src/domain/identity/viewer.ts";
import { Blobs } from "../../src/store/blobs/blobs.ts";
import { openFilesystemBlobs } from "../../src/store/blobs/filesystem.ts";
import type { Store } from "../../src/store/database.ts";
import { openTestStore } from "./test-database.ts";

export interface Person {
  viewer: Viewer;
  access: AccountAccess;
  rootId: string;
}

export interface DriveWorld {
  store: Store;
  deps: DriveDeps;
  blobDirectory: string;
  connectionString: string;
  organization(name: string): Promise<string>;
  /** A person with a drive, of 1 MB when nothing is said. */
  person(organizationId: string, name: string, quotaBytes?: number): Promise<Person>;
  teamFolder(
    organizationId: string,
    name: string,
    members: readonly Person[],
    rights: readonly Right[],
  ): Promise<Person>;
  put(
    person: Pick<Person, "access" | "rootId">,
    name: string,
    content: string,
    upload?: Partial<Upload>,
  ): Promise<DriveNode>;
  /** What every sequence of operations must leave true, worked out from the rows alone. */
  checkBooks(person: Person): Promise<void>;
  close(): Promise<void>;
}

/** Organizations, people and drives on a database and a blob directory of their own. */
export async function openDriveWorld(): Promise<DriveWorld> {
  const test = await openTestStore();
  const { store } = test;
  const blobDirectory = await mkdtemp(join(tmpdir(), "bouquet-drive-"));
  const deps: DriveDeps = { store, blobs: new Blobs(await openFilesystemBlobs(blobDirectory)) };
  const domainOf = (name: string): string => `${name.toLowerCase().replace(/[^a-z]/g, "-")}.example`;
  return {
    store,
    deps,
    blobDirectory,
    connectionString: test.connectionString,
    organization: (name) =>
      store.transact(async (tx) => {
        const id = await createOrganization(tx, { name, kind: "member" });
        await addDomain(tx, id, domainOf(name));
        return id;
      }),
    async person(organizationId, name, quotaBytes = 1_000_000) {
      const created = await store.transact(async (tx) => {
        const domain = await tx
          .selectFrom("domain")
          .select("name")
          .where("organization_id", "=", organizationId)
          .executeTakeFirstOrThrow();
        const principal = await createPrincipal(tx, organizationId, {
          kind: "person",
          displayName: name,
          address: `${name.toLowerCase()}@${domain.name}`,
          quotas: { mail: 1_000_000, files: quotaBytes },
        });
        await createDriveRoot(tx, principal);
        return principal;
      });
      const viewer = await loadViewer(store.read, created);
      const access = await openOwnAccount(store.read, viewer);
      return { viewer, access, rootId: await readRootId(store.read, access) };
    },
    async teamFolder(organizationId, name, members, rights) {
      const created = await store.transact(async (tx) => {
        const principal = await createPrincipal(tx, organizationId, {
          kind: "team_folder",
          displayName: name,
          quotas: { mail: 0, files: 1_000_000 },
        });
        await createDriveRoot(tx, principal);
        for (const { viewer } of members) await grantAccount(tx, principal, viewer, rights);
        return principal;
      });
      const { viewer } = members[0]!;
      const access = await openAccount(store.read, viewer, created.accountId);
      return { viewer, access, rootId: await readRootId(store.read, access) };
    },
    async put(person, name, content, upload = {}) {
      const source = Buffer.from(content);
      const uploaded = await uploadFile(deps, person.access, { folderId: person.rootId, name, ...upload }, source);
      return uploaded.node;
    },
    checkBooks: (person) => checkBooks(store, person),
    async close() {
      await test.close();
      await rm(blobDirectory, { recursive: true, force: true });
    },
  };
}

async function checkBooks(store: Store, person: Person): Promise<void> {
  const { rows } = await sql<{ wrong: string }>`
    WITH RECURSIVE tree AS (
      SELECT id, id AS top, size, kind FROM drive_node WHERE account_id = ${person.access.accountId}
      UNION ALL
      SELECT n.id, tree.top, n.size, n.kind FROM tree JOIN drive_node n ON n.parent_id = tree.id
    ), sums AS (SELECT top, sum(size) AS bytes, count(*) FILTER (WHERE kind = 'file') AS files FROM tree GROUP BY top)
    SELECT 'tree_files of ' || n.name || ': ' || n.tree_files || ' instead of ' || s.files AS wrong
      FROM drive_node n JOIN sums s ON s.top = n.id WHERE n.tree_files <> s.files AND n.state <> 'purged'
    UNION ALL
    SELECT 'tree_bytes of ' || n.name || ': ' || n.tree_bytes || ' instead of ' || s.bytes AS wrong
      FROM drive_node n JOIN sums s ON s.top = n.id WHERE n.tree_bytes <> s.bytes AND n.state <> 'purged'
    UNION ALL
    SELECT 'used_bytes: ' || q.used_bytes || ' instead of ' || t.bytes FROM quota q,
      (SELECT coalesce(sum(tree_bytes), 0) AS bytes FROM drive_node WHERE account_id = ${person.access.accountId}
        AND parent_id IS NULL AND state IN ('live', 'trashed')) t
      WHERE q.account_id = ${person.access.accountId} AND q.area = 'files' AND q.used_bytes <> t.bytes
    UNION ALL
    SELECT 'size of ' || n.name FROM drive_node n JOIN file_version v ON v.id = n.version_id
      WHERE n.account_id = ${person.access.accountId} AND (v.size <> n.size OR v.superseded_at IS NOT NULL)
    UNION ALL
    SELECT 'blob without reference' FROM file_segment s WHERE NOT EXISTS
      (SELECT FROM blob_reference r WHERE r.blob_id = s.blob_id AND r.owner_id = s.version_id AND r.kind = 'file_version')
    UNION ALL
    SELECT 'reference without version' FROM blob_reference r WHERE r.kind = 'file_version' AND NOT EXISTS
      (SELECT FROM file_version v WHERE v.id = r.owner_id)
    UNION ALL
    SELECT 'version in another account than ' || n.name FROM drive_node n JOIN file_version v ON v.node_id = n.id
      WHERE n.account_id = ${person.access.accountId} AND v.account_id <> n.account_id
    UNION ALL
    SELECT 'node of another account beneath ' || n.name FROM drive_node n JOIN drive_node c ON c.parent_id = n.id
      WHERE n.account_id = ${person.access.accountId} AND c.account_id <> n.account_id
    UNION ALL
    SELECT 'history of ' || n.name || ' ends elsewhere' FROM drive_node n
      CROSS JOIN LATERAL (SELECT * FROM drive_history h WHERE h.organization_id = n.organization_id AND h.node_id = n.id
        ORDER BY h.id DESC LIMIT 1) h
      WHERE n.account_id = ${person.access.accountId} AND n.state IN ('live', 'trashed')
        AND (h.parent_after, h.name_after, h.version_after)
          IS DISTINCT FROM (n.parent_id, CASE WHEN n.state = 'live' THEN n.name END, CASE WHEN n.state = 'live' THEN n.version_id END)
    UNION ALL
    SELECT 'node without history: ' || n.name FROM drive_node n
      WHERE n.account_id = ${person.access.accountId} AND n.state = 'live' AND n.parent_id = ${person.rootId}
        AND NOT EXISTS (SELECT FROM drive_history h WHERE h.account_id = n.account_id AND h.node_id = n.id)
    UNION ALL
    SELECT 'tree_modseq of ' || n.name FROM drive_node n JOIN drive_node c ON c.parent_id = n.id
      WHERE n.account_id = ${person.access.accountId} AND c.state = 'live' AND n.tree_modseq < greatest(c.tree_modseq, c.modseq)
  `.execute(store.read);
  assert.deepEqual(
    rows.map((row) => row.wrong),
    [],
  );
}
