import assert from "node:assert/strict";
import { test } from "node:test";
import { notificationText } from "./notification-text.ts";

const base = {
  kind: "failed" as const,
  subject: "Réunion",
  sentAt: new Date("2026-11-23T09:05:00Z"),
  timeZone: "Europe/Paris",
  triesUntil: undefined,
};

test("a refusal says what, to whom, why and what to do, and gives the exact reply last", () => {
  const text = notificationText({
    ...base,
    recipients: [{ address: "a@x.example", status: "5.2.2", reply: "552 5.2.2 Over quota" }],
  });
  assert.equal(
    text,
    `Votre message « Réunion » du 23 novembre 2026 à 10:05 n’a pas pu être remis à ce destinataire :

  a@x.example
  Pourquoi : la boîte du destinataire est pleine.
  Que faire : Prévenez-le par un autre moyen, puis renvoyez le message quand il aura fait de la place.

Il ne sera plus renvoyé automatiquement. S’il avait d’autres destinataires, cet avis ne les concerne pas.

Pour votre administrateur, réponse exacte :
  a@x.example : 5.2.2 552 5.2.2 Over quota
`,
  );
});

test("every status has a reason and an advice, known or not", () => {
  for (const status of [
    "5.1.1",
    "5.1.99",
    "5.3.4",
    "5.4.7",
    "5.6.1",
    "5.7.26",
    "5.7.30",
    "5.6.7",
    "5.5.1",
    "5.0.0",
    "5.9.9",
    "nonsense",
    "",
  ]) {
    const text = notificationText({ ...base, recipients: [{ address: "a@x.example", status, reply: "" }] });
    assert.match(text, /Pourquoi : \S.*\.\n {2}Que faire : \S.*\.\n/, status);
  }
});

test("what the DNS of the sender's domain causes is told as such, and is the administrator's to mend", () => {
  for (const status of ["5.7.20", "5.7.23", "5.7.26"]) {
    const text = notificationText({ ...base, recipients: [{ address: "a@x.example", status, reply: "" }] });
    assert.match(text, /vient bien de votre domaine \(SPF, DKIM, DMARC\)/, status);
  }
  const full = notificationText({ ...base, recipients: [{ address: "a@x.example", status: "5.7.28", reply: "" }] });
  assert.match(full, /trop de messages/);
});

test("a message without subject is named by its date, several recipients are listed", () => {
  const text = notificationText({
    ...base,
    kind: "delayed",
    subject: "",
    triesUntil: new Date("2026-11-28T09:05:00Z"),
    recipients: ["a@x.example", "b@y.example"].map((address) => ({ address, status: "4.4.1", reply: "" })),
  });
  assert.match(text, /^Votre message du 23 novembre 2026 à 10:05 n’a pas encore pu être remis à ces destinataires :/);
  assert.match(text, /jusqu’au 28 novembre 2026 à 10:05/);
  assert.match(text, /a@x\.example[\s\S]*b@y\.example/);
});
