import assert from "node:assert/strict";
import { test } from "node:test";
import type { Identity } from "@bouquet/contract/jmap-mail.ts";
import type { MailAccount } from "../jmap/accounts.ts";
import { chooseSender, listSenders } from "./senders.ts";

const account = (id: string, isOwn: boolean, isReadOnly = false) => ({ id, isOwn, isReadOnly }) as MailAccount;
const identity = (email: string) => ({ id: email, email }) as Identity;
const mine = identity("helene@x.example");
const alias = identity("sg@x.example");
const shared = identity("Mairie@x.example");
const identities = new Map([
  ["own", [mine, alias, identity("mairie@x.example")]],
  ["mairie", [shared]],
]);

test("A shared address is used in its own mailbox", () => {
  const senders = listSenders([account("own", true), account("mairie", false)], identities);
  assert.deepEqual(
    senders.map((sender) => `${sender.identity.email} ${sender.accountId}`),
    ["helene@x.example own", "sg@x.example own", "Mairie@x.example mairie"],
  );
});

test("Where one may only read, one's own mailbox keeps what is sent", () => {
  const senders = listSenders([account("own", true), account("mairie", false, true)], identities);
  assert.equal(senders.find((sender) => /mairie/i.test(sender.identity.email))?.accountId, "own");
});

test("An answer is written from the address that the message came to", () => {
  const senders = listSenders([account("own", true), account("mairie", false)], identities);
  assert.equal(chooseSender(senders, "own", ["SG@x.example"])?.identity, alias);
  assert.equal(chooseSender(senders, "mairie", [])?.identity, shared);
  assert.equal(chooseSender(senders, "own", ["who@y.example"])?.identity, mine);
  assert.equal(chooseSender([], "own", []), undefined);
});
