import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ImapFlow, type MailboxObject, type StatusObject } from "imapflow";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { sampleMessage } from "../harness/imap-suite.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let town: TownHall;

before(async () => {
  suite = await startSuite();
  town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
});
after(() => suite.close());

let people = 0;

function addPerson(mailQuota = 2e9): Promise<TownPerson> {
  people += 1;
  return town.addPerson(`Agent ${"abcdefghijklmnopqrstuvwxyz"[people]}`, { quotas: { mail: mailQuota, files: 0 } });
}

/** imapflow signed in over TLS, as a real program is. */
async function connect(person: TownPerson, port = suite.port("imaps")): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: person.address, pass: person.appPassword },
    logger: false,
  });
  await client.connect();
  return client;
}

async function withClient(person: TownPerson, work: (client: ImapFlow) => Promise<void>, port?: number): Promise<void> {
  const client = await connect(person, port);
  try {
    await work(client);
  } finally {
    await client.logout().catch(() => client.close());
  }
}

async function statusOf(client: ImapFlow, path: string): Promise<StatusObject> {
  const status = await client.status(path, { messages: true, unseen: true });
  assert.ok(status);
  return status;
}

/** Resolves with the next event of a name. */
function next<T>(client: ImapFlow, event: string): Promise<T> {
  return new Promise((resolve) => {
    client.once(event as never, (data: T) => resolve(data));
  });
}

test("imapflow signs in after STARTTLS", async () => {
  const person = await addPerson();
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: suite.port("imap"),
    secure: false,
    doSTARTTLS: true,
    tls: { rejectUnauthorized: false },
    auth: { user: person.address, pass: person.appPassword },
    logger: false,
  });
  await client.connect();
  assert.equal(client.secureConnection, true);
  await client.logout();
});

test("imapflow is refused with a wrong password", async () => {
  const person = await addPerson();
  await assert.rejects(connect({ ...person, appPassword: "abcd-efgh-ijkl-mnop-qrst-uvwx" }), (error: unknown) => {
    assert.equal((error as { authenticationFailed?: boolean }).authenticationFailed, true);
    return true;
  });
});

test("imapflow lists the mailboxes with their special uses and their counts", async () => {
  const person = await addPerson();
  await withClient(person, async (client) => {
    await client.append("INBOX", sampleMessage("Un"));
    const mailboxes = await client.list({ statusQuery: { messages: true, unseen: true } });
    const uses = new Map(mailboxes.map((mailbox) => [mailbox.path, mailbox.specialUse]));
    assert.deepEqual(
      [...uses],
      [
        ["INBOX", "\\Inbox"],
        ["Brouillons", "\\Drafts"],
        ["Envoyés", "\\Sent"],
        ["Archives", "\\Archive"],
        ["Indésirables", "\\Junk"],
        ["Corbeille", "\\Trash"],
      ].sort(
        (a, b) => mailboxes.findIndex(({ path }) => path === a[0]) - mailboxes.findIndex(({ path }) => path === b[0]),
      ),
    );
    const inbox = mailboxes.find(({ path }) => path === "INBOX");
    assert.equal(inbox?.status?.messages, 1);
    assert.equal(inbox?.status?.unseen, 1);
  });
});

test("imapflow appends a message and reads back every part of it", async () => {
  const person = await addPerson();
  const message = sampleMessage("Réunion du conseil".normalize("NFC").replace("é", "=E9"), "Bonjour,\r\nà jeudi.\r\n");
  await withClient(person, async (client) => {
    const date = new Date("2026-02-01T07:30:00Z");
    const appended = await client.append("INBOX", message, ["\\Flagged", "$Label1"], date);
    assert.ok(appended && appended.uid === 1);
    const lock = await client.getMailboxLock("INBOX");
    try {
      const fetched = await client.fetchOne("1", {
        uid: true,
        flags: true,
        envelope: true,
        bodyStructure: true,
        internalDate: true,
        size: true,
        source: true,
        headers: ["subject", "from"],
        threadId: true,
        bodyParts: ["1"],
      });
      assert.ok(fetched);
      assert.equal(fetched.uid, 1);
      assert.deepEqual([...fetched.flags!].sort(), ["$label1", "\\Flagged"]);
      assert.equal(fetched.envelope?.from?.[0]?.address, "anne@exemple.example");
      assert.equal(new Date(fetched.internalDate!).getTime(), date.getTime());
      assert.equal(fetched.size, Buffer.byteLength(message));
      assert.equal(fetched.source?.toString(), message);
      assert.match(fetched.headers!.toString(), /^From: Anne Martin[^\n]*\r\nSubject: /);
      assert.equal(fetched.bodyParts?.get("1")?.toString(), "Bonjour,\r\nà jeudi.\r\n");
      assert.equal(fetched.bodyStructure?.type, "text/plain");
      assert.match(fetched.emailId ?? "", /^[\w-]+$/);
      assert.match(fetched.threadId ?? "", /^[\w-]+$/);
    } finally {
      lock.release();
    }
  });
});

test("imapflow downloads an attachment decoded and in part", async () => {
  const person = await addPerson();
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251));
  const message = [
    "From: a@b.example",
    "Subject: plan",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "voir le plan",
    "--b",
    'Content-Type: application/pdf; name="plan.pdf"',
    "Content-Transfer-Encoding: base64",
    'Content-Disposition: attachment; filename="plan.pdf"',
    "",
    content.toString("base64").replace(/.{76}/g, "$&\r\n"),
    "--b--",
    "",
  ].join("\r\n");
  await withClient(person, async (client) => {
    await client.append("INBOX", message);
    const lock = await client.getMailboxLock("INBOX");
    try {
      const { content: stream, meta } = await client.download("1", "2");
      assert.ok(stream && meta);
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      assert.deepEqual(Buffer.concat(chunks), content);
      assert.equal(meta.filename, "plan.pdf");
    } finally {
      lock.release();
    }
  });
});

test("imapflow flags, copies, moves and deletes, and hears what it did", async () => {
  const person = await addPerson();
  await withClient(person, async (client) => {
    for (const subject of ["un", "deux", "trois", "quatre"]) await client.append("INBOX", sampleMessage(subject));
    const lock = await client.getMailboxLock("INBOX");
    try {
      assert.equal((client.mailbox as MailboxObject).exists, 4);
      await client.messageFlagsAdd("1:2", ["\\Seen", "Urgent"]);
      await client.messageFlagsRemove("2", ["Urgent"]);
      const flags = await client.fetchAll("1:2", { flags: true });
      assert.deepEqual(
        flags.map((message) => [...message.flags!].sort()),
        [["\\Seen", "urgent"].sort(), ["\\Seen"]],
      );
      const copied = await client.messageCopy("1", "Archives");
      assert.ok(copied);
      assert.deepEqual([...copied.uidMap!], [[1, 1]]);
      const moved = await client.messageMove("2:3", "Corbeille", { uid: true });
      assert.ok(moved);
      assert.deepEqual(
        [...moved.uidMap!],
        [
          [2, 1],
          [3, 2],
        ],
      );
      assert.equal((client.mailbox as MailboxObject).exists, 2);
      assert.equal(await client.messageDelete("1", { uid: true }), true);
      assert.deepEqual(await client.search({ all: true }, { uid: true }), [4]);
    } finally {
      lock.release();
    }
    assert.equal((await statusOf(client, "Archives")).messages, 1);
    assert.equal((await statusOf(client, "Corbeille")).unseen, 1);
  });
});

/** One program in IDLE hears what another does, both signed in as the same person. */
async function hearsOfTheOther(idlerPort?: number): Promise<void> {
  const person = await addPerson();
  await withClient(
    person,
    (idler) =>
      withClient(person, async (other) => {
        const lock = await idler.getMailboxLock("INBOX");
        try {
          const idling = idler.idle();
          const arrived = next<{ count: number }>(idler, "exists");
          await other.append("INBOX", sampleMessage("surprise"));
          assert.equal((await arrived).count, 1);
          const otherLock = await other.getMailboxLock("INBOX");
          const flagged = next<{ flags: Set<string> }>(idler, "flags");
          await other.messageFlagsAdd("1", ["\\Flagged"]);
          assert.ok((await flagged).flags.has("\\Flagged"));
          const gone = next<{ uid?: number; seq?: number }>(idler, "expunge");
          await other.messageDelete("1");
          const { seq, uid } = await gone;
          assert.ok(seq === 1 || uid === 1);
          otherLock.release();
          await idler.noop();
          await idling;
        } finally {
          lock.release();
        }
      }),
    idlerPort,
  );
}

test("imapflow in IDLE hears at once of a message, of flags and of a deletion made by another program", async () => {
  await hearsOfTheOther();
});

test("imapflow in IDLE hears of it when the two are served by two copies of the program", async () => {
  const copy = await startSuite({ beside: suite });
  try {
    await hearsOfTheOther(copy.port("imaps"));
  } finally {
    await copy.close();
  }
});

test("imapflow with QRESYNC is told which UIDs have vanished", async () => {
  const person = await addPerson();
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: suite.port("imaps"),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: person.address, pass: person.appPassword },
    qresync: true,
    logger: false,
  });
  await client.connect();
  await client.append("INBOX", sampleMessage("un"));
  await client.append("INBOX", sampleMessage("deux"));
  await client.mailboxOpen("INBOX");
  await withClient(person, async (other) => {
    await other.mailboxOpen("INBOX");
    await other.messageDelete("1", { uid: true });
  });
  const gone = next<{ uid?: number; vanished?: boolean }>(client, "expunge");
  await client.noop();
  const { uid, vanished } = await gone;
  assert.deepEqual({ uid, vanished }, { uid: 1, vanished: true });
  await client.logout();
});

test("imapflow searches by flags, dates, header and text", async () => {
  const person = await addPerson();
  await withClient(person, async (client) => {
    await client.append("INBOX", sampleMessage("Permis de construire", "Dossier 4512\r\n"), ["\\Seen"]);
    await client.append("INBOX", sampleMessage("Cantine", "menus de décembre\r\n"));
    const lock = await client.getMailboxLock("INBOX");
    try {
      assert.deepEqual(await client.search({ seen: false }), [2]);
      assert.deepEqual(await client.search({ subject: "permis" }), [1]);
      assert.deepEqual(await client.search({ body: "décembre" }), [2]);
      assert.deepEqual(await client.search({ or: [{ subject: "cantine" }, { body: "4512" }] }), [1, 2]);
      assert.deepEqual(await client.search({ not: { from: "anne" } }), []);
      assert.deepEqual(await client.search({ since: new Date("2020-01-01"), smaller: 100_000 }), [1, 2]);
      assert.deepEqual(await client.search({ before: new Date("2020-01-01") }), []);
    } finally {
      lock.release();
    }
  });
});

test("imapflow makes, renames, subscribes and deletes mailboxes, accents included", async () => {
  const person = await addPerson();
  await withClient(person, async (client) => {
    assert.equal((await client.mailboxCreate(["Été", "Fêtes & marchés"])).created, true);
    await client.append("Été/Fêtes & marchés", sampleMessage("Guinguette"));
    await client.mailboxRename("Été/Fêtes & marchés", "Été/Bals");
    assert.equal(await client.mailboxUnsubscribe("Été/Bals"), true);
    const listed = await client.list();
    const renamed = listed.find(({ path }) => path === "Été/Bals");
    assert.ok(renamed && !renamed.subscribed);
    assert.equal((await statusOf(client, "Été/Bals")).messages, 1);
    await client.mailboxDelete("Été/Bals");
    await client.mailboxDelete("Été");
    assert.deepEqual(
      (await client.list()).map(({ path }) => path).filter((path) => path.startsWith("Été")),
      [],
    );
  });
});

test("imapflow reads the quota, and is refused a message that does not fit", async () => {
  const person = await addPerson(4096);
  await withClient(person, async (client) => {
    const quota = await client.getQuota("INBOX");
    assert.ok(quota && quota.storage?.limit === 4096);
    await client.append("INBOX", sampleMessage("petit"));
    await assert.rejects(
      client.append("INBOX", sampleMessage("grand", "x".repeat(5000))),
      (error: unknown) => (error as { serverResponseCode?: string }).serverResponseCode === "OVERQUOTA",
    );
    assert.equal((await statusOf(client, "INBOX")).messages, 1);
  });
});

test("imapflow works in a mailbox shared with its owner's rights", async () => {
  const person = await addPerson();
  const mairie = await createPrincipalWithServices(suite.domain.store, town.organizationId, {
    kind: "shared_mailbox",
    displayName: "Mairie",
    address: `mairie@${town.domain}`,
    quotas: { mail: 2e9, files: 0 },
  });
  await suite.domain.store.transact((tx) => grantAccount(tx, mairie, person, ["read", "write", "delete"]));
  await withClient(person, async (client) => {
    const paths = (await client.list()).map(({ path }) => path);
    assert.ok(paths.includes("Shared/Mairie/INBOX"), paths.join());
    await client.append("Shared/Mairie/INBOX", sampleMessage("état civil"));
    const lock = await client.getMailboxLock("Shared/Mairie/INBOX");
    try {
      await client.messageMove("1", "INBOX");
    } finally {
      lock.release();
    }
    assert.equal((await statusOf(client, "INBOX")).messages, 1);
  });
});

interface Executed {
  next(): void;
  response: { attributes: { section?: { value?: string }[] }[] };
}

/** A command that imapflow has no method for; the lists of numbers of the untagged responses of that name. */
async function execute(
  client: ImapFlow,
  command: string,
  words: readonly unknown[],
  untagged: string,
): Promise<string[]> {
  const told: string[] = [];
  const { exec } = client as unknown as {
    exec(command: string, attributes: readonly unknown[], options: object): Promise<Executed>;
  };
  const done = await exec.call(client, command, words, {
    untagged: {
      [untagged]: async ({ attributes }: { attributes: { value: string }[] }) => {
        for (const { value } of attributes) told.push(value);
      },
    },
  });
  done.next();
  return told;
}

const atom = (value: string) => ({ type: "ATOM", value });

test("imapflow compresses its connection, carries large messages over it and hears of changes in IDLE", async () => {
  const person = await addPerson();
  const large = sampleMessage("grand", "Séance du conseil municipal, encore et encore.\r\n".repeat(20_000));
  await withClient(person, async (client) => {
    const lock = await client.getMailboxLock("INBOX");
    try {
      const heard = next<{ count: number }>(client, "exists");
      await client.append("INBOX", large);
      assert.equal((await heard).count, 1);
      const { _inflate: inflate } = client as unknown as { _inflate: { bytesWritten: number } };
      const before = inflate.bytesWritten;
      const fetched = await client.fetchOne("1", { source: true });
      assert.ok(fetched && fetched.source?.toString() === large);
      const received = inflate.bytesWritten - before;
      assert.ok(received > 0 && received < large.length / 4, `${received} bytes for ${large.length}`);
    } finally {
      lock.release();
    }
  });
});

test("imapflow gets messages sorted, and several appended by another are all there", async () => {
  const person = await addPerson();
  await withClient(person, async (client) => {
    for (const subject of ["ceinture", "Re: abricot", "bateau"]) await client.append("INBOX", sampleMessage(subject));
    const lock = await client.getMailboxLock("INBOX");
    try {
      const sorted = await execute(client, "SORT", [[atom("SUBJECT")], atom("UTF-8"), atom("ALL")], "SORT");
      assert.deepEqual(sorted, ["2", "3", "1"]);
      const reversed = await execute(
        client,
        "SORT",
        [[atom("REVERSE"), atom("SIZE")], atom("UTF-8"), atom("ALL")],
        "SORT",
      );
      assert.equal(reversed.length, 3);
    } finally {
      lock.release();
    }
  });
});
