import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, mailBytes, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../test/harness/mail-invariants.ts";
import { openStore } from "../../store/database.ts";
import { watchAccounts } from "../changes/watch-accounts.ts";
import { appendMessage } from "./append-messages.ts";
import { copyMessages } from "./copy-messages.ts";
import { deliverMessage } from "./delivery/deliver-message.ts";
import { resolveRecipient } from "./delivery/resolve-recipient.ts";
import { expungeMessages } from "./expunge-messages.ts";
import type { MailDeps } from "./model.ts";
import { moveMessages } from "./move-messages.ts";
import { readMailboxChanges } from "./read-mailbox-changes.ts";
import { readMailboxMessages } from "./read-mailbox-messages.ts";
import { readSelection } from "./read-selection.ts";
import { setMessages } from "./set-messages.ts";
import { stageBytes } from "./stage-message.ts";
import { storeFlags } from "./store-flags.ts";

let mail: MailFixture;
before(async () => {
  mail = await openMailFixture();
});
after(() => mail.close());

test("eight clients that append, flag, copy, move and expunge at once leave counts, uids and modseqs that agree", async () => {
  const anna = await mail.createPerson("Anna");
  const { access, mailboxes } = anna;
  const { inbox, archive, trash } = mailboxes;
  const appended: number[][] = [];
  const uidsOf = async (mailboxId: string) => (await readSelection(mail.store.read, access, mailboxId)).uids;
  const some = (uids: number[], n: number) => uids.filter((uid) => uid % 4 === n);
  const appender = async () => {
    const uids: number[] = [];
    for (let n = 0; n < 12; n++) {
      uids.push((await mail.append(anna, { subject: `Message ${n % 3}` }, { flags: n % 2 ? ["\\Seen"] : [] })).uid);
    }
    appended.push(uids);
  };
  const changer = async (n: number) => {
    for (let round = 0; round < 8; round++) {
      const [from, to] = round % 2 ? [archive, inbox] : [inbox, archive];
      const uids = await uidsOf(from);
      await storeFlags(mail.deps, access, from, some(uids, n), {
        mode: round % 2 ? "add" : "remove",
        flags: ["\\Seen"],
      });
      await moveMessages(mail.deps, access, { fromMailboxId: from, uids: some(uids, n), toMailboxId: to });
      await copyMessages(mail.deps, access, {
        fromMailboxId: from,
        uids: some(uids, 3).slice(0, 2),
        toMailboxId: trash,
      });
      const messages = await readMailboxMessages(mail.store.read, access, from, some(uids, 2).slice(0, 2));
      await setMessages(
        mail.deps,
        access,
        messages.map(({ messageId }) => ({ messageId, mailboxIds: [trash, inbox], flags: { add: [`k${n}`] } })),
      );
      await expungeMessages(mail.deps, access, trash, (await uidsOf(trash)).slice(0, 2));
      await expungeMessages(mail.deps, access, from, some(uids, 1).slice(0, 1));
    }
  };
  await Promise.all([appender(), appender(), appender(), appender(), changer(0), changer(1), changer(2), changer(3)]);

  assert.deepEqual(await findMailFaults(mail.store), []);
  const all = appended.flat();
  assert.equal(new Set(all).size, 48, "an uid was given twice");
  for (const uids of appended)
    assert.deepEqual(
      uids,
      [...uids].sort((a, b) => a - b),
    );
});

test("a client that follows the changes of a mailbox ends with what the mailbox holds", async () => {
  const bea = await mail.createPerson("Bea");
  const { inbox, archive } = bea.mailboxes;
  const first = await readSelection(mail.store.read, bea.access, inbox);
  const known = new Map<number, string>();
  let since = first.mailbox.highestModseq;
  const follow = async () => {
    const changes = await readMailboxChanges(mail.store.read, bea.access, inbox, since, { limit: 1_000 });
    for (const { uid, flags } of changes.changed) known.set(uid, flags.join(" "));
    for (const uid of changes.vanished) known.delete(uid);
    since = changes.mailbox.highestModseq;
  };
  const busy = async (n: number) => {
    for (let round = 0; round < 10; round++) {
      const { uid } = await mail.append(bea, { subject: `${n} ${round}` });
      await storeFlags(mail.deps, bea.access, inbox, [uid], { mode: "add", flags: [`k${round}`] });
      if (round % 3 === 0) await expungeMessages(mail.deps, bea.access, inbox, [uid]);
      if (round % 3 === 1) {
        await moveMessages(mail.deps, bea.access, { fromMailboxId: inbox, uids: [uid], toMailboxId: archive });
      }
    }
  };
  const working = Promise.all([busy(1), busy(2), busy(3)]);
  let done = false;
  void working.then(() => {
    done = true;
  });
  while (!done) await follow();
  await follow();
  const { uids } = await readSelection(mail.store.read, bea.access, inbox);
  const rows = await readMailboxMessages(mail.store.read, bea.access, inbox, uids);
  assert.deepEqual(
    [...known].sort((a, b) => a[0] - b[0]),
    rows.map((row) => [row.uid, row.flags.join(" ")]),
  );
});

test("deliveries to the same people in all orders neither block one another nor lose a message", async () => {
  const names = ["Carl", "Dora", "Emma", "Fred"];
  for (const name of names) await mail.createPerson(name);
  const recipients = await Promise.all(
    names.map((name) => resolveRecipient(mail.store.read, `${name}@bourg-fleuri.example`)),
  );
  const deliver = async (n: number) => {
    const order = recipients.map((_, index) => recipients[(index + n) % 4]!);
    const staged = await stageBytes(mail.deps, mailBytes({ subject: `Circulaire ${n}` }));
    return deliverMessage(mail.deps, {
      ...staged,
      arrival: "received",
      sender: "paul@exterieur.example",
      recipients: n % 2 ? order.reverse() : order,
      receivedAt: new Date(),
    });
  };
  const delivered = await Promise.all(Array.from({ length: 24 }, (_, n) => deliver(n)));
  assert.ok(delivered.every((each) => each.added.length === 4));
  assert.deepEqual(await findMailFaults(mail.store), []);
});

test("what one copy of the program delivers is seen by a client of another copy, which was told", async () => {
  const gina = await mail.createPerson("Gina");
  const other = await openStore({
    connectionString: mail.connectionString,
    maxConnections: 4,
    onConnectionError: () => {},
  });
  try {
    const otherDeps: MailDeps = { store: other, blobs: mail.deps.blobs };
    await new Promise<void>((resolve) => other.hints.subscribe("work", "connected", () => resolve()));
    const told = Promise.withResolvers<void>();
    const stop = watchAccounts(other.hints, [gina.access.accountId], () => told.resolve());
    const { messageId } = await mail.append(gina, { subject: "Vu d'ailleurs" });
    await told.promise;
    stop();
    const { uids, mailbox } = await readSelection(other.read, gina.access, gina.mailboxes.inbox);
    assert.deepEqual(uids, [1]);

    // Both copies write to the same mailbox: uids and modseqs stay one series.
    const write = async (deps: MailDeps) => {
      for (let n = 0; n < 10; n++) {
        const staged = await stageBytes(mail.deps, mailBytes({ subject: `${n}` }));
        const message = { mailboxId: mailbox.id, ...staged, flags: [], receivedAt: new Date() };
        await appendMessage(deps, gina.access, message);
      }
    };
    await Promise.all([write(mail.deps), write(otherDeps)]);
    const after = await readSelection(mail.store.read, gina.access, mailbox.id);
    assert.deepEqual(
      after.uids,
      Array.from({ length: 21 }, (_, index) => index + 1),
    );
    const rows = await readMailboxMessages(other.read, gina.access, mailbox.id, after.uids);
    assert.ok(rows.every((row, index) => index === 0 || row.modseq > rows[index - 1]!.modseq));
    assert.equal(rows[0]?.messageId, messageId);
    assert.deepEqual(await findMailFaults(mail.store), []);
  } finally {
    await other.close();
  }
});
