import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlToText } from "./html-to-text.ts";
import { indexMessage } from "./index-message.ts";
import { previewText } from "./message-text.ts";
import { selectBodyParts } from "./select-body-parts.ts";
import { baseSubject, threadReferences, threadSubject } from "./thread-key.ts";

const part = (type: string, extra = ""): string => `Content-Type: ${type}\n${extra}\nx\n`;
const multi = (subtype: string, boundary: string, parts: string[]): string =>
  `Content-Type: multipart/${subtype}; boundary=${boundary}\n\n${parts.map((text) => `--${boundary}\n${text}`).join("")}--${boundary}--\n`;
const bodies = (text: string): string[] => {
  const selected = selectBodyParts(indexMessage(Buffer.from(text)));
  return [selected.textBody, selected.htmlBody, selected.attachments].map((list) =>
    list.map((found) => found.path).join(" "),
  );
};

test("the example structure of RFC 8621 is sorted as the RFC sorts it", () => {
  const inline = "Content-Disposition: inline\n";
  const text = multi("mixed", "a", [
    part("text/plain", inline),
    multi("mixed", "b", [
      multi("alternative", "c", [
        multi("mixed", "d", [part("text/plain", inline), part("image/jpeg", inline), part("text/plain", inline)]),
        multi("related", "e", [part("text/html"), part("image/jpeg")]),
      ]),
      part("image/jpeg", "Content-Disposition: attachment\n"),
      part("application/x-excel"),
      part("message/rfc822"),
    ]),
    part("text/plain", inline),
  ]);
  assert.deepEqual(bodies(text), ["1 2.1.1.1 2.1.1.2 2.1.1.3 3", "1 2.1.2.1 3", "2.1.1.2 2.1.2.2 2.2 2.3 2.4"]);
});

test("a message in one form only is shown in that form", () => {
  assert.deepEqual(bodies(part("text/html")), ["1", "1", ""]);
  assert.deepEqual(bodies(multi("alternative", "a", [part("text/html")])), ["1", "1", ""]);
  assert.deepEqual(bodies(part("application/pdf")), ["", "", "1"]);
});

test("the preview collapses white space, drops invisible padding and never cuts a character", () => {
  const preview = (text: string): string => {
    const bytes = Buffer.from(`Content-Type: text/plain; charset=utf-8\n\n${text}`);
    return previewText(bytes, selectBodyParts(indexMessage(bytes)));
  };
  assert.equal(preview(" a \r\n\t\u200b\u034f b\u00a0c "), "a b c");
  assert.equal(preview(`${"a".repeat(255)}🎉🎉`), "a".repeat(255));
  assert.equal(preview(""), "");
});

test("HTML becomes text without markup, styles and scripts", () => {
  assert.equal(
    htmlToText('<p title="a>b">Un<b>e</b> &eacute;cole &#8364;&#x80;</p><style>p{}</style>').trim(),
    "Une école €€",
  );
  assert.equal(htmlToText("a<!-- x > --><SCRIPT>1<2</SCRIPT >b 1 < 2 &inconnu; &#0;"), "a\nb 1 < 2 &inconnu; \ufffd");
  assert.match(htmlToText("<style>oubli <p>texte"), /texte/);
  assert.equal(htmlToText('<a href="x'), "");
});

test("base subjects follow RFC 5256", () => {
  assert.equal(baseSubject("Re: [liste] Fwd:  Budget (fwd)"), "Budget");
  assert.equal(baseSubject("[fwd: RE[2]: Budget]"), "Budget");
  assert.equal(baseSubject("[Marchés]"), "[Marchés]");
  assert.equal(baseSubject("Re: "), "");
  assert.equal(baseSubject("Rendez-vous: lundi"), "Rendez-vous: lundi");
  assert.equal(baseSubject("TR: Budget"), "TR: Budget");
});

test("threads ignore the reply words of French programs too", () => {
  for (const subject of ["TR : Budget", "Réf. : budget", "RE\u00a0: TR: BUDGET", "Rép : Re(2): budget"]) {
    assert.equal(threadSubject(subject), "budget", subject);
  }
});

test("references are listed once, the oldest first, never the message itself", () => {
  const envelope = { messageId: "<c@x>", inReplyTo: "<b@x>" } as Parameters<typeof threadReferences>[0];
  assert.deepEqual(threadReferences(envelope, "<a@x> <b@x> <c@x>"), ["a@x", "b@x"]);
  const many = threadReferences(envelope, Array.from({ length: 500 }, (_, index) => `<${index}@x>`).join(" "));
  assert.equal(many.length, 100);
  assert.deepEqual([many[0], many[1], many[99]], ["0@x", "401@x", "499@x"]);
});
