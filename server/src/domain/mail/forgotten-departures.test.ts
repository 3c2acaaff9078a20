import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { purgeDepartures } from "../../store/feed/purge-departures.ts";
import { DomainError } from "../errors.ts";
import { changesSince } from "./changes-since.ts";
import { destroyMessages } from "./destroy-messages.ts";
import { mailState } from "./mail-state.ts";
import { readMailboxChanges } from "./read-mailbox-changes.ts";

let mail: MailFixture;
before(async () => {
  mail = await openMailFixture();
});
after(() => mail.close());

const tooOld = (error: unknown) => error instanceof DomainError && error.code === "cannot_calculate_changes";
const soon = () => new Date(Date.now() + 60_000);
const emailState = async ({ access }: MailPerson) => (await mailState(mail.store.read, access)).Email;
const changes = ({ access }: MailPerson, since: string, most?: number) =>
  changesSince(mail.store.read, access, "Email", since, most);
const mailboxChanges = ({ access, mailboxes }: MailPerson, since: number) =>
  readMailboxChanges(mail.store.read, access, mailboxes.inbox, since, { limit: 100 });

test("once departures are forgotten, who was away for longer starts again and the others go on", async () => {
  const anna = await mail.createPerson("Anna");
  const gone = [await mail.append(anna, {}), await mail.append(anna, {})];
  const old = await emailState(anna);
  const { mailbox } = await mailboxChanges(anna, 1);
  await destroyMessages(
    mail.deps,
    anna.access,
    gone.map((each) => each.messageId),
  );
  const page = await changes(anna, old, 1);
  assert.equal(page.hasMore, true);
  const after = await emailState(anna);
  const seen = (await mailboxChanges(anna, mailbox.highestModseq)).mailbox.highestModseq;

  assert.equal(await purgeDepartures(mail.store, new Date(Date.now() - 60_000)), 0);
  assert.equal((await changes(anna, old)).destroyed.length, 2);
  assert.ok((await purgeDepartures(mail.store, soon())) >= 4);

  const born = await mail.append(anna, {});
  await assert.rejects(changes(anna, old), tooOld);
  await assert.rejects(changes(anna, page.newState), tooOld);
  await assert.rejects(mailboxChanges(anna, mailbox.highestModseq), tooOld);
  assert.deepEqual((await changes(anna, after)).created, [born.messageId]);
  const { changed, vanished } = await mailboxChanges(anna, seen);
  assert.deepEqual([changed.map((each) => each.uid), vanished], [[born.uid], []]);
});

test("a mailbox of a quiet account keeps its tokens, and a second purge finds nothing", async () => {
  const bea = await mail.createPerson("Bea");
  await mail.append(bea, {});
  const since = await emailState(bea);
  assert.equal(await purgeDepartures(mail.store, soon()), 0);
  const born = await mail.append(bea, {});
  assert.deepEqual((await changes(bea, since)).created, [born.messageId]);
});
