import assert from "node:assert/strict";
import { test } from "node:test";
import { moderationPage, moderationResultPage } from "./moderation-page.ts";

const settings = {
  origins: { portal: "https://portail.example", mail: "https://mail.example", drive: "https://drive.example" },
  operator: { name: "Opérateur" },
  support: { phone: "01 02 03 04 05", email: undefined },
} as unknown as Parameters<typeof moderationPage>[0];
const hostile = `</dd><script>alert("1")</script>'&`;

test("what a stranger wrote stays text on the page of a moderator", () => {
  const page = moderationPage(
    settings,
    {
      id: "1",
      groupId: "2",
      groupName: hostile,
      address: hostile,
      sender: hostile,
      author: hostile,
      subject: hostile,
      preview: hostile,
      size: 1,
      receivedAt: new Date(),
      returnAt: new Date("2026-11-28T10:00:00Z"),
      isSenderKnown: true,
    },
    "/moderation/x/message",
  );
  assert.doesNotMatch(page, /<script|alert\("/);
  assert.equal(page.match(/&lt;script&gt;alert\(&quot;1&quot;\)/g)?.length, 5);
  assert.match(page, /28 novembre 2026 à 11:00/);
  assert.match(page, /01 02 03 04 05/);
});

test("the answer says what was done, in French first", () => {
  for (const result of ["accept", "refuse", "over"] as const) {
    assert.match(
      moderationResultPage(settings, result),
      /<html lang="fr">[\s\S]*<h1>(Message accepté|Message refusé|Ce lien ne sert plus)<\/h1>/,
    );
  }
});
