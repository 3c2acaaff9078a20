import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { openComputers } from "../server/test/harness/desktop-client.ts";
import type { TownPerson } from "../server/test/harness/town-hall.ts";
import { type Bouquet, basicAuthorization, startBouquet } from "./bouquet.ts";
import { many, send } from "./http.ts";
import { clock, printRow, withFolder } from "./measure.ts";
import { type ProcessorTime, processorTimeOf, since } from "./processes.ts";

/** Files of the tree in which nothing changes, and of the new one. */
const [idleCount = 100_000, newCount = 10_000] = process.argv.slice(2).map(Number);
const perFolder = 100;
const idleRounds = 5;
const pollCount = 200;
const modifiedAt = new Date("2026-01-05T10:00:00Z");

/** What the desktop client asks every 30 seconds where it is not told of changes. */
const poll = Buffer.from('<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>');

/**
 * Nextcloud's desktop client, as Debian's command-line program, with many small files. There is no peer: no other server that is at
 * hand speaks to it.
 */
await withFolder(async (_directory, defer) => {
  const bouquet = await startBouquet(2);
  defer(() => bouquet.stop());
  const computers = await openComputers(3_600_000);
  defer(() => computers.remove());
  const base = `http://127.0.0.1:${bouquet.program.ports.http}`;
  const [busy, idle] = bouquet.people as [TownPerson, TownPerson];

  const first = await computers.add(base, busy, "first");
  await writeFiles(first.directory, newCount);
  await measure(bouquet, `first synchronization of ${newCount} files of 100 bytes, up`, () => first.syncWell());
  const second = await computers.add(base, busy, "second");
  await measure(bouquet, "the same, down to an empty computer", () => second.syncWell());
  await measure(bouquet, `synchronization of ${newCount} files of which none changed`, () => second.syncWell());

  await seed(bouquet, idle, idleCount);
  // A computer that has the files already, as after the client was installed again: it compares, and loads none.
  const third = await computers.add(base, idle, "third");
  await writeFiles(third.directory, idleCount);
  await measure(bouquet, `first synchronization of ${idleCount} files that the computer has`, () => third.syncWell());
  for (let round = 0; round < idleRounds; round++) {
    await measure(bouquet, `synchronization of ${idleCount} files of which none changed`, () => third.syncWell());
  }
  await writeFile(third.path(join(folderOf(0), "file 0.txt")), "changed");
  await measure(bouquet, `synchronization of ${idleCount} files of which one changed`, () => third.syncWell());

  const options = {
    ...{ host: "127.0.0.1", port: bouquet.program.ports.http, path: `/remote.php/dav/files/${idle.uid}/` },
    ...{ method: "PROPFIND" },
    headers: {
      authorization: basicAuthorization(idle.address, idle.appPassword),
      depth: "0",
      "content-type": "text/xml",
    },
  };
  await measure(bouquet, `${pollCount} times the question whether anything changed`, () =>
    many(pollCount, 1, () => send(options, poll)),
  );
});

async function measure(bouquet: Bouquet, what: string, work: () => Promise<unknown>): Promise<void> {
  const before = await processorTimeOf(bouquet.program);
  const seconds = await clock(work);
  const used: ProcessorTime = since(before, await processorTimeOf(bouquet.program));
  printRow({ what, unit: "s", better: "less" }, [
    { name: "whole", figures: [seconds] },
    { name: "processor time of Node.js", figures: [used.node], isPeer: false },
    { name: "of PostgreSQL", figures: [used.postgres], isPeer: false },
  ]);
}

function contentOf(index: number): string {
  return String(index).padEnd(100, ".");
}

function folderOf(index: number): string {
  return `folder ${Math.floor(index / perFolder)}`;
}

async function writeFiles(directory: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += perFolder) await mkdir(join(directory, folderOf(index)));
  await many(count, 20, async (index) => {
    const path = join(directory, folderOf(index), `file ${index}.txt`);
    await writeFile(path, contentOf(index));
    await utimes(path, modifiedAt, modifiedAt);
  });
}

/** The files of `writeFiles`, as rows: they came long ago. */
async function seed({ program }: Bouquet, person: TownPerson, count: number): Promise<void> {
  const domain = await program.openDomain();
  try {
    await domain.store.transact(async (tx) => {
      const root = await tx
        .selectFrom("drive_node")
        .select(["organization_id", "account_id", "id"])
        .where("account_id", "=", person.accountId)
        .where("parent_id", "is", null)
        .executeTakeFirstOrThrow();
      const keys = sql`${root.organization_id}::uuid, ${root.account_id}::uuid`;
      await sql`
        WITH folder AS (
          INSERT INTO drive_node (organization_id, account_id, parent_id, name, kind, content_type, created_modseq, modseq, tree_modseq,
            tree_files, tree_bytes)
          SELECT ${keys}, ${root.id}::uuid, 'folder ' || i, 'folder', '', 1, 1, 1, ${perFolder}, ${100 * perFolder}
          FROM generate_series(0, ${count / perFolder - 1}) AS i RETURNING id, name
        ), file AS MATERIALIZED (
          SELECT f.id AS folder_id, uuidv7() AS id, uuidv7() AS version_id, i AS index, convert_to(rpad(i::text, 100, '.'), 'UTF8') AS data
          FROM folder f, LATERAL (SELECT substring(f.name FROM 8)::integer * ${perFolder} AS start) s,
            LATERAL generate_series(start, start + ${perFolder - 1}) AS i
        ), node AS (
          INSERT INTO drive_node (organization_id, account_id, parent_id, id, name, kind, content_type, size, modified_at, created_modseq,
            modseq, tree_modseq, tree_files, tree_bytes, version_id)
          SELECT ${keys}, folder_id, id, 'file ' || index || '.txt', 'file', 'text/plain', 100, ${modifiedAt}::timestamptz, 1, 1, 1, 1, 100, version_id
          FROM file
        ), version AS (
          INSERT INTO file_version (organization_id, account_id, id, node_id, size, sha256, modified_at)
          SELECT ${keys}, version_id, id, 100, sha256(data), ${modifiedAt}::timestamptz FROM file
        ), blob AS (
          INSERT INTO blob (organization_id, id, size, data, sha256) SELECT ${root.organization_id}::uuid, version_id, 100, data, sha256(data) FROM file
        ), reference AS (
          INSERT INTO blob_reference (organization_id, blob_id, kind, owner_id)
          SELECT ${root.organization_id}::uuid, version_id, 'file_version', version_id FROM file
        ), segment AS (
          INSERT INTO file_segment (organization_id, version_id, ordinal, blob_id, length)
          SELECT ${root.organization_id}::uuid, version_id, 0, version_id, 100 FROM file
        )
        UPDATE drive_node SET tree_files = tree_files + ${count}, tree_bytes = tree_bytes + ${100 * count}, tree_modseq = 1
        WHERE organization_id = ${root.organization_id} AND id = ${root.id}`.execute(tx);
      await sql`UPDATE quota SET used_bytes = used_bytes + ${100 * count}
        WHERE organization_id = ${root.organization_id} AND account_id = ${root.account_id} AND area = 'files'`.execute(
        tx,
      );
    });
    await sql`VACUUM ANALYZE`.execute(domain.store.read);
  } finally {
    await domain.close();
  }
}
