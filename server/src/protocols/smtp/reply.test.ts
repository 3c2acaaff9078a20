import assert from "node:assert/strict";
import { test } from "node:test";
import { formatReply } from "./reply.ts";

test("a reply is ASCII unless the transaction was begun with SMTPUTF8", () => {
  const reason = "« Non merci », l’œuvre est déjà là – désolé ☺";
  assert.equal(formatReply(550, "5.7.1", [reason]), '550 5.7.1 " Non merci ", l\'oeuvre est deja la - desole ?\r\n');
  assert.equal(formatReply(550, "5.7.1", [reason], true), `550 5.7.1 ${reason}\r\n`);
});

test("a reply of several lines has its codes on each, and no control character or more than 512 bytes in any", () => {
  assert.equal(formatReply(250, "2.1.0", ["un\r\ndeux", "trois"]), "250-2.1.0 un deux\r\n250 2.1.0 trois\r\n");
  assert.ok(Buffer.byteLength(formatReply(550, "5.7.1", ["é".repeat(1000)], true)) <= 512);
});
