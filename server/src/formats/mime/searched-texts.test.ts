import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlToText } from "./html-to-text.ts";
import { indexMessage } from "./index-message.ts";
import { collapseSpace } from "./message-text.ts";
import { searchedPlaces } from "./searched-texts.ts";

function textsOf(message: string | Buffer, where: "header" | "body"): string[] {
  const bytes = Buffer.from(message as string, "utf8");
  return [...searchedPlaces(indexMessage(bytes))].flatMap((place) =>
    place.in === where ? [...place.texts(bytes.subarray(place.start, place.end))].filter((text) => text !== null) : [],
  );
}

const enclosed = [
  "Subject: dehors",
  "Content-Type: multipart/mixed; boundary=b",
  "",
  "préambule",
  "--b",
  "Content-Type: message/rfc822",
  "",
  "Subject: dedans",
  "Content-Type: text/html; charset=utf-8",
  "",
  "<p>Un<b>e</b>  &eacute;cole</p>",
  "--b",
  "Content-Type: application/pdf; name=plan.pdf",
  "",
  "secret",
  "--b",
  "Content-Type: message/delivery-status",
  "",
  "Action: failed",
  "--b--",
  "épilogue",
].join("\r\n");

test("every header is looked at, and the text of every text and message part, HTML twice", () => {
  const header = textsOf(enclosed, "header").join("\n");
  for (const word of ["dehors", "dedans", "plan.pdf", "message/delivery-status"])
    assert.ok(header.includes(word), word);
  const body = textsOf(enclosed, "body");
  assert.deepEqual(body, ["<p>Un<b>e</b>  &eacute;cole</p>", "Une école", "Action: failed"]);
});

test("a long HTML part reads the same in pieces as at once, and leaves others their turn", () => {
  const html = `${"<p>a&nbsp;</p> &#32; ".repeat(20_000)}\u200b ${"<i>é</i>&am<b>p;</b>".repeat(20_000)} <br> fin`;
  const bytes = Buffer.from(`Content-Type: text/html; charset=utf-8\r\n\r\n${html}`);
  const [, place] = [...searchedPlaces(indexMessage(bytes))];
  const texts = [...place!.texts(bytes.subarray(place!.start, place!.end))];
  assert.ok(texts.filter((text) => text === null).length > 5);
  assert.equal(texts.at(-1), collapseSpace(htmlToText(html)));
});

test("no text is missed or invented in a message without header, without body, or empty", () => {
  assert.deepEqual(textsOf("\r\nmot\r\n", "body"), ["mot\r\n"]);
  assert.deepEqual(textsOf("Subject: mot", "body"), [""]);
  assert.deepEqual(textsOf("Subject: mot", "header"), ["Subject: mot"]);
  assert.deepEqual(textsOf("", "header"), [""]);
});
