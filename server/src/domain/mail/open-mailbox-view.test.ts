import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { MailboxViews } from "../../store/mail/mailbox-views.ts";
import { selectLargeMailbox } from "../../store/mail/selection-rows.ts";
import { expungeMessages } from "./expunge-messages.ts";
import { readMailbox } from "./list-mailboxes.ts";
import { selectMailbox } from "./select-mailbox.ts";
import { storeFlags } from "./store-flags.ts";

let mail: MailFixture;
let anna: MailPerson;

before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna");
  for (let number = 0; number < 5; number++) await mail.append(anna, { subject: `${number}` });
});
after(() => mail.close());

async function rows(): Promise<string[]> {
  const found = await mail.store.read
    .selectFrom("mailbox_message")
    .select(["uid", "flags", "modseq"])
    .where("mailbox_id", "=", anna.mailboxes.inbox)
    .orderBy("uid")
    .execute();
  return found.map(({ uid, flags, modseq }) => `${uid} ${flags.join(" ")} ${modseq}`);
}

async function viewed(views: MailboxViews): Promise<string[]> {
  const view = (await views.open(anna.access, anna.mailboxes.inbox))!;
  return Array.from(
    { length: view.size },
    (_, index) => `${view.uidAt(index)} ${view.flagsOf(view.flagSetAt(index)).join(" ")} ${view.modseqAt(index)}`,
  );
}

test("a view follows what happens, and says what the rows say after each step", async () => {
  const { inbox } = anna.mailboxes;
  const views = new MailboxViews(mail.store.read);
  assert.deepEqual(await viewed(views), await rows());
  await storeFlags(mail.deps, anna.access, inbox, [2, 3], { mode: "add", flags: ["\\Seen", "\\Deleted", "Urgent"] });
  assert.deepEqual(await viewed(views), await rows());
  await mail.append(anna, { subject: "new" }, { flags: ["\\Flagged"] });
  await expungeMessages(mail.deps, anna.access, inbox, [2, 3]);
  assert.deepEqual(await viewed(views), await rows());
  assert.equal((await viewed(views)).length, 4);
});

test("when departures are forgotten, all is read again", async () => {
  const { inbox } = anna.mailboxes;
  const views = new MailboxViews(mail.store.read);
  await viewed(views);
  await storeFlags(mail.deps, anna.access, inbox, [1], { mode: "add", flags: ["\\Deleted"] });
  await expungeMessages(mail.deps, anna.access, inbox, [1]);
  await mail.store.transact(async (tx) => {
    await sql`DELETE FROM changes WHERE account_id = ${anna.access.accountId}`.execute(tx);
    await sql`UPDATE feed SET oldest_modseq = modseq + 1 WHERE account_id = ${anna.access.accountId}`.execute(tx);
  });
  assert.deepEqual(await viewed(views), await rows());
});

test("whoever asks while a view is being read gets what was committed before they asked", async () => {
  const { inbox } = anna.mailboxes;
  const views = new MailboxViews(mail.store.read);
  for (let round = 0; round < 10; round++) {
    const early = viewed(views);
    const mode = round % 2 === 0 ? "add" : "remove";
    await storeFlags(mail.deps, anna.access, inbox, [4], { mode, flags: ["\\Answered"] });
    const all = await Promise.all([viewed(views), viewed(views), viewed(views)]);
    const expected = await rows();
    for (const each of all) assert.deepEqual(each, expected);
    await early;
  }
});

test("a mailbox that does not exist, or is another's, has no view", async () => {
  const views = new MailboxViews(mail.store.read);
  const bea = await mail.createPerson("Bea");
  assert.equal(await views.open(bea.access, anna.mailboxes.inbox), undefined);
  assert.equal(views.peek(bea.access, anna.mailboxes.inbox), undefined);
});

test("a large mailbox is selected as a small one is: the same uids, keywords and first unseen message", async () => {
  const carl = await mail.createPerson("Carl");
  const { inbox } = carl.mailboxes;
  const compare = async (): Promise<void> => {
    const mailbox = await readMailbox(mail.store.read, carl.access, inbox);
    const small = await selectMailbox(mail.deps, carl.access, mailbox);
    // Both ways to the first unseen message.
    for (const unseen of mailbox.unseen === 0 ? [0] : [mailbox.unseen, mailbox.total]) {
      const large = await selectLargeMailbox(mail.store.read, carl.access, {
        ...mailbox,
        unseen,
        total: unseen * 9 + 1,
      });
      const other = await selectLargeMailbox(mail.store.read, carl.access, { ...mailbox, unseen, total: unseen * 11 });
      for (const { uids, keywords, firstUnseenUid } of [large, other]) {
        assert.deepEqual(
          [[...uids], keywords, firstUnseenUid],
          [Array.from(small.uids), small.keywords, small.firstUnseenUid],
        );
      }
    }
  };
  await compare();
  for (const flags of [["\\Seen"], ["\\Seen", "urgent"], [], ["\\Flagged", "a"]])
    await mail.append(carl, {}, { flags });
  await compare();
  await storeFlags(mail.deps, carl.access, inbox, [3, 4], { mode: "add", flags: ["\\Seen"] });
  await expungeMessages(mail.deps, carl.access, inbox, [1]);
  await compare();
  const mailbox = await readMailbox(mail.store.read, carl.access, inbox);
  assert.equal((await selectLargeMailbox(mail.store.read, anna.access, mailbox)).uids.length, 0, "not another's");
});
