import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../../domain/mail/model.ts";
import { SetFailure } from "./jmap-errors.ts";
import { planSending, readNewSubmission } from "./new-submission.ts";
import type { JsonObject } from "./read-arguments.ts";
import { toSubmission, undoStatusOf } from "./submission-state.ts";

const now = new Date("2026-02-02T10:00:00Z");
const at = (email: string) => ({ name: null, email });
const message = {
  summary: {
    from: [at("lea@a.example"), at("tom@a.example")],
    sender: [at("Tom@a.example")],
    to: [at("ann@b.example"), at("ANN@b.example")],
    cc: [at("bob@b.example")],
    bcc: [at("eve@b.example")],
  },
} as unknown as Message;

function plan(envelope?: JsonObject) {
  const { envelope: read } = readNewSubmission({ identityId: "i", emailId: "#e", ...(envelope && { envelope }) });
  return planSending(read, message, now);
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof SetFailure, String(error));
    return error.body.type;
  }
  return "none";
}

test("without an envelope the sender and all recipients of the message are used, each once", () => {
  const { returnPath, recipients, sendAt } = plan();
  assert.equal(returnPath, "Tom@a.example");
  assert.deepEqual(
    recipients.map((each) => each.address),
    ["ann@b.example", "bob@b.example", "eve@b.example"],
  );
  assert.equal(sendAt, undefined);
});

test("parameters hold the message and ask for notifications", () => {
  const { sendAt, dsn, recipients } = plan({
    mailFrom: { email: "lea@a.example", parameters: { holdfor: "90", RET: "hdrs", ENVID: "q-1" } },
    rcptTo: [{ email: "ann@b.example", parameters: { NOTIFY: "success,failure", ORCPT: "rfc822;ann@b.example" } }],
  });
  assert.equal(sendAt?.toISOString(), "2026-02-02T10:01:30.000Z");
  assert.deepEqual(dsn, { ret: "HDRS", envid: "q-1" });
  assert.deepEqual(recipients, [
    { address: "ann@b.example", notify: ["SUCCESS", "FAILURE"], orcpt: "rfc822;ann@b.example" },
  ]);
  const until = { mailFrom: { email: "l@a.example", parameters: { HOLDUNTIL: "2026-02-03T10:00:00Z" } } };
  assert.equal(
    plan({ ...until, rcptTo: [{ email: "a@b.example" }] }).sendAt?.toISOString(),
    "2026-02-03T10:00:00.000Z",
  );
});

test("a malformed envelope is refused", () => {
  const rcptTo = [{ email: "ann@b.example" }];
  for (const parameters of [
    { HOLDFOR: "-1" },
    { HOLDFOR: "2592001" },
    { HOLDFOR: null },
    { HOLDFOR: "1", HOLDUNTIL: "2026-02-03T10:00:00Z" },
    { HOLDUNTIL: "tomorrow" },
    { HOLDUNTIL: "2027-02-03T10:00:00Z" },
    { RET: "ALL" },
    { ENVID: "a\r\nb" },
    { "X-UNKNOWN": "1" },
  ]) {
    const mailFrom = { email: "lea@a.example", parameters };
    assert.equal(
      refusal(() => plan({ mailFrom, rcptTo })),
      "invalidProperties",
      JSON.stringify(parameters),
    );
  }
  const mailFrom = { email: "lea@a.example" };
  const many = Array.from({ length: 501 }, (_, index) => ({ email: `r${index}@b.example` }));
  assert.equal(
    refusal(() => plan({ mailFrom, rcptTo: many })),
    "tooManyRecipients",
  );
  assert.equal(
    refusal(() => plan({ mailFrom, rcptTo: [] })),
    "noRecipients",
  );
  assert.equal(
    refusal(() => plan({ mailFrom, rcptTo: [{ email: "a@b.example>\r\nRCPT TO:<c@d.example" }] })),
    "invalidRecipients",
  );
  assert.equal(
    refusal(() => plan({ mailFrom })),
    "invalidProperties",
  );
  assert.equal(
    refusal(() => readNewSubmission({ identityId: "i" })),
    "invalidProperties",
  );
  assert.equal(
    refusal(() => readNewSubmission({ identityId: "i", emailId: "e", sendAt: "x" })),
    "invalidProperties",
  );
});

test("a submission can be undone while all its recipients wait for a later time", () => {
  const record = (sendAt: Date, ...states: ("queued" | "sent" | "canceled" | "failed")[]) => ({
    id: "s",
    messageId: null,
    threadId: null,
    returnPath: "lea@a.example",
    sendAt,
    createdAt: now,
    recipients: states.map((state, index) => ({
      address: `r${index}@b.example`,
      state,
      lastReply: state === "failed" ? "550 5.1.1 No" : null,
      attempts: 0,
      isUnderWay: false,
    })),
  });
  const later = new Date(Date.now() + 60_000);
  assert.equal(undoStatusOf(record(later, "queued", "queued")), "pending");
  assert.equal(undoStatusOf(record(now, "queued")), "final");
  assert.equal(undoStatusOf(record(later, "queued", "sent")), "final");
  assert.equal(undoStatusOf(record(later, "canceled")), "canceled");
  const shown = toSubmission(record(now, "sent", "failed"), [{ id: "i1", address: "lea@a.example" }]);
  assert.equal(shown.identityId, "i1");
  assert.deepEqual(shown.deliveryStatus!["r1@b.example"], {
    smtpReply: "550 5.1.1 No",
    delivered: "no",
    displayed: "unknown",
  });
});
