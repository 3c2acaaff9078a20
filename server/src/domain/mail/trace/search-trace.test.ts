import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { recordTrace } from "./record-trace.ts";
import { searchTrace, traceScopeOf } from "./search-trace.ts";

let mail: MailFixture;
before(async () => {
  mail = await openMailFixture();
});
after(() => mail.close());

test("who sent a message is not told what its recipient's rules did with it, and cannot search for it", async () => {
  const [lea, tom, root] = await Promise.all([
    mail.createPerson("Lea"),
    mail.createPerson("Tom"),
    mail.createPerson("Ann", { roles: ["member_administrator"] }),
  ]);
  const row = {
    direction: "in" as const,
    at: new Date(),
    organizationId: mail.organizationId,
    sender: tom.address,
    recipient: lea.address,
    status: "2.0.0",
    remoteAddress: "",
    messageId: "",
    size: 1,
  };
  await mail.store.transact((tx) =>
    recordTrace(tx, [
      { ...row, outcome: "queued", detail: "sent on to lea@perso.example" },
      { ...row, outcome: "refused", status: "5.7.1", detail: "Je ne prends rien" },
    ]),
  );
  const details = async (person: typeof lea, text?: string) => {
    const scope = await traceScopeOf(mail.store.read, person.access.viewer);
    const { rows } = await searchTrace(mail.store.read, scope, { ...(text !== undefined && { text }) });
    return rows.map((each) => each.detail).sort();
  };
  const all = ["Je ne prends rien", "sent on to lea@perso.example"];
  assert.deepEqual(await details(lea), all);
  assert.deepEqual(await details(root), all);
  assert.deepEqual(await details(tom), ["", "Je ne prends rien"]);
  assert.deepEqual(await details(tom, "perso.example"), []);
  assert.deepEqual(await details(lea, "perso.example"), ["sent on to lea@perso.example"]);
});
