import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mailbox, MailboxRole } from "@bouquet/contract/jmap-mail.ts";
import { arrangeMailboxes } from "./mailbox-tree.ts";

const mailbox = (id: string, parentId: string | null = null, role: MailboxRole | null = null, sortOrder = 0) =>
  ({ id, name: id, parentId, role, sortOrder }) as Mailbox;

const shown = (mailboxes: Mailbox[]) =>
  arrangeMailboxes(mailboxes).folders.map(({ mailbox: { id }, depth }) => `${"-".repeat(depth)}${id}`);

test("Mailboxes with a role come in their usual order", () => {
  const { roles } = arrangeMailboxes([
    mailbox("t", null, "trash"),
    mailbox("s", null, "sent"),
    mailbox("i", null, "inbox"),
  ]);
  assert.deepEqual(
    roles.map(({ id }) => id),
    ["i", "s", "t"],
  );
});

test("Folders follow their parent, by order then by name with figures as numbers", () => {
  assert.deepEqual(
    shown([
      mailbox("Lot 10", "Travaux"),
      mailbox("Travaux"),
      mailbox("Lot 9", "Travaux"),
      mailbox("Budget"),
      mailbox("Zone", null, null, -1),
    ]),
    ["Zone", "Budget", "Travaux", "-Lot 9", "-Lot 10"],
  );
});

test("A folder under the inbox, or under what cannot be seen, stands at the top", () => {
  assert.deepEqual(shown([mailbox("i", null, "inbox"), mailbox("a", "i"), mailbox("b", "gone")]), ["a", "b"]);
});

test("A circle of parents hides its folders but ends", () => {
  assert.deepEqual(shown([mailbox("a", "b"), mailbox("b", "a"), mailbox("c")]), ["c"]);
});
