import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import { openFile } from "../../src/domain/drive/open-file.ts";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { prepareProgram, type RunningProgram } from "../harness/run-program.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

const messageCount = 500;
const uploadCount = 50;
const sessions = 8;

let program: RunningProgram;
let person: TownPerson;
let headers: Record<string, string>;
let rootId: string;

before(async () => {
  program = await prepareProgram();
  await program.start();
  const domain = await program.openDomain();
  try {
    const townHall = await createTownHall(domain, "Les Essarts", "essarts.example");
    person = await townHall.addPerson("Odile Martin");
    const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
    const { familyId } = await openPortalSession(domain.identity, person.viewer, client);
    const { token, csrfToken } = await openServiceSession(domain.identity, {
      uid: person.uid,
      familyId,
      service: "drive",
      client,
    });
    rootId = await readRootId(domain.store.read, person);
    const host = `drive.localhost:${program.ports.http}`;
    headers = { host, cookie: `bouquet=${token}`, origin: `http://${host}`, "x-bouquet-csrf": csrfToken };
  } finally {
    await domain.close();
  }
});
after(() => program.remove());

/** Sends until told to stop, and says what was answered 250. A refusal or a broken connection is tried again, as servers do. */
async function deliver(label: string, acknowledged: Set<string>, stop: AbortSignal): Promise<void> {
  const waiting = Array.from({ length: messageCount }, (_, index) => `${label}-${index}@sender.example`);
  const work = async (): Promise<void> => {
    let connection: SMTPConnection | undefined;
    while (!stop.aborted) {
      const id = waiting.shift();
      if (id === undefined) break;
      try {
        connection ??= await connect();
        await send(connection, id);
        acknowledged.add(id);
      } catch {
        connection?.close();
        connection = undefined;
      }
    }
    connection?.close();
  };
  await Promise.all(Array.from({ length: sessions }, work));
}

function connect(): Promise<SMTPConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<SMTPConnection>();
  const connection = new SMTPConnection({ host: "127.0.0.1", port: program.ports.smtp, ignoreTLS: true });
  connection.on("error", reject);
  connection.on("end", () => reject(new Error("closed")));
  connection.connect((error) => (error ? reject(error) : resolve(connection)));
  return promise;
}

function send(connection: SMTPConnection, id: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const closed = () => reject(new Error("closed"));
  connection.once("error", closed);
  connection.once("end", closed);
  // Every tenth is large enough to be a file of the blob store.
  const body = "Bonjour,\r\n".repeat(Number(/-(\d+)@/.exec(id)?.[1]) % 10 === 0 ? 12_000 : 20);
  const bytes = `From: a@sender.example\r\nTo: ${person.address}\r\nSubject: ${id}\r\nMessage-ID: <${id}>\r\n\r\n${body}`;
  connection.send({ from: "a@sender.example", to: [person.address] }, bytes, (error) => {
    connection.off("error", closed);
    connection.off("end", closed);
    if (error) reject(error);
    else resolve();
  });
  return promise;
}

async function upload(label: string, acknowledged: Map<string, string>, stop: AbortSignal): Promise<void> {
  const waiting = Array.from({ length: uploadCount }, (_, index) => `${label}-${index}.bin`);
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined && !stop.aborted; name = waiting.shift()) {
      const bytes = randomBytes(name.endsWith("3.bin") ? 3_000 : 1_500_000);
      const url = `http://127.0.0.1:${program.ports.http}/api/drive/folders/${rootId}/files/${name}`;
      try {
        const response = await put(url, bytes);
        if (response === 201) acknowledged.set(name, createHash("sha256").update(bytes).digest("hex"));
      } catch {
        // Not acknowledged.
      }
    }
  };
  await Promise.all([work(), work(), work()]);
}

/** fetch does not let the Host header be chosen. */
async function put(url: string, bytes: Buffer): Promise<number | undefined> {
  const { request } = await import("node:http");
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const sent = request(url, { method: "PUT", headers: { ...headers, "content-length": bytes.length } }, (response) => {
    response.resume();
    response.on("end", () => resolve(response.statusCode));
    response.on("error", reject);
  });
  sent.on("error", reject);
  sent.end(bytes);
  return promise;
}

async function countMessages(label: string): Promise<Map<string, number>> {
  const domain = await program.openDomain();
  try {
    const found = await sql<{ subject: string; copies: number }>`
      SELECT m.subject, count(*)::int AS copies FROM message m
      JOIN mailbox_message mm ON mm.organization_id = m.organization_id AND mm.message_id = m.id
      WHERE m.organization_id = ${person.organizationId} AND m.subject LIKE ${`${label}-%`} GROUP BY 1`.execute(
      domain.store.read,
    );
    return new Map(found.rows.map((row) => [row.subject, row.copies]));
  } finally {
    await domain.close();
  }
}

async function checkUploads(acknowledged: ReadonlyMap<string, string>): Promise<void> {
  const domain = await program.openDomain();
  try {
    for (const [name, sha256] of acknowledged) {
      const nodes = await domain.store.read
        .selectFrom("drive_node")
        .select("id")
        .where("organization_id", "=", person.organizationId)
        .where("name", "=", name)
        .where("state", "=", "live")
        .execute();
      assert.equal(nodes.length, 1, name);
      const { source } = await openFile({ store: domain.store, blobs: domain.blobs }, person.access, nodes[0]!.id);
      const hash = createHash("sha256");
      for await (const chunk of source.open()) hash.update(chunk as Buffer);
      assert.equal(hash.digest("hex"), sha256, name);
    }
  } finally {
    await domain.close();
  }
}

/** Runs both loads and calls `interrupt` once a third of the messages was acknowledged. */
async function underLoad(label: string, interrupt: () => Promise<void>) {
  const messages = new Set<string>();
  const files = new Map<string, string>();
  const stop = new AbortController();
  const load = Promise.all([deliver(label, messages, stop.signal), upload(label, files, stop.signal)]);
  while (messages.size < messageCount / 3) await Promise.race([load, new Promise((resolve) => setImmediate(resolve))]);
  await interrupt();
  return { messages, files, load, stop };
}

test("kill -9 of the program in the middle of 500 deliveries and 50 uploads loses nothing that was acknowledged", async () => {
  const { messages, files, load, stop } = await underLoad("killed", async () => {
    await program.kill("SIGKILL");
  });
  stop.abort();
  await load;
  await program.start();
  assert.ok(messages.size >= messageCount / 3 && messages.size < messageCount, `${messages.size} acknowledged`);
  const found = await countMessages("killed");
  for (const id of messages) assert.equal(found.get(id), 1, id);
  await checkUploads(files);
});

test("kill -9 of its PostgreSQL in the middle of 500 deliveries and 50 uploads loses nothing, and the program goes on", async () => {
  const pidFile = join(program.directory, "postgres-18", "cluster", "postmaster.pid");
  const { messages, files, load } = await underLoad("database", async () => {
    const pid = Number((await readFile(pidFile, "utf8")).split("\n")[0]);
    process.kill(pid, "SIGKILL");
  });
  await load;
  await program.waitUntilReady();
  assert.ok(messages.size >= messageCount / 3);
  const found = await countMessages("database");
  for (const id of messages) assert.equal(found.get(id), 1, id);
  for (const [id, copies] of found) assert.equal(copies, 1, id);
  await checkUploads(files);
});
