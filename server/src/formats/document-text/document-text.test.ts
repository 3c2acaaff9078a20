import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { ZipFile } from "yazl";
import { DocumentError } from "./document-error.ts";
import { documentKind } from "./document-kind.ts";
import { documentText } from "./document-text.ts";

async function archive(entries: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(entries)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A PDF of one page that shows some text, with a table of references as PDF 1.4 has it. */
function pdf(text: string): Buffer {
  const stream = deflateStream(`BT /F1 12 Tf 72 720 Td (${text}) Tj ET`);
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    stream,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
  ];
  let body = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const at = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  return Buffer.from(
    `${body}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF`,
    "latin1",
  );
}

function deflateStream(content: string): string {
  return `<< /Length ${content.length} >>\nstream\n${content}\nendstream`;
}

const limit = 10_000;

test("the words of a PDF", async () => {
  assert.equal(await documentText("pdf", pdf("Arr\\352t\\351 municipal 2026-14"), limit), "Arrêté municipal 2026-14");
});

test("the words of Word: body, header, notes; tabs and paragraphs part words, runs do not", async () => {
  const bytes = await archive({
    "[Content_Types].xml": "<Types/>",
    "word/document.xml": `<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Délibé</w:t></w:r><w:r><w:t>ration</w:t></w:r><w:r><w:tab/><w:t>un</w:t></w:r></w:p><w:p><w:r><w:t>&amp; deux</w:t></w:r></w:p></w:body></w:document>`,
    "word/header1.xml": `<w:hdr xmlns:w="w"><w:p><w:r><w:t>Mairie</w:t></w:r></w:p></w:hdr>`,
    "word/media/image1.png": "not text",
    "docProps/app.xml": "<Properties><t>hidden</t></Properties>",
  });
  assert.equal(await documentText("ooxml", bytes, limit), "Délibération un & deux Mairie");
});

test("the words and numbers of Excel, shared strings once", async () => {
  const bytes = await archive({
    "xl/sharedStrings.xml": `<sst><si><t>Budget</t></si><si><r><t>fonc</t></r><r><t>tionnement</t></r></si></sst>`,
    "xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c t="s"><v>0</v></c><c><v>152000.5</v></c><c t="inlineStr"><is><t>direct</t></is></c></row></sheetData></worksheet>`,
  });
  assert.equal(await documentText("ooxml", bytes, limit), "Budget fonctionnement 152000.5 direct");
});

test("the words of slides and of their notes", async () => {
  const bytes = await archive({
    "ppt/slides/slide1.xml": `<p:sld xmlns:a="a" xmlns:p="p"><a:p><a:r><a:t>Vœux</a:t></a:r></a:p><a:p><a:r><a:t>du maire</a:t></a:r></a:p></p:sld>`,
    "ppt/notesSlides/notesSlide1.xml": `<p:notes xmlns:a="a" xmlns:p="p"><a:t>sourire</a:t></p:notes>`,
  });
  assert.equal(await documentText("ooxml", bytes, limit), "Vœux du maire sourire");
});

test("the words of an OpenDocument", async () => {
  const bytes = await archive({
    mimetype: "application/vnd.oasis.opendocument.text",
    "content.xml": `<office:document-content xmlns:text="t" xmlns:office="o"><text:h>Titre</text:h><text:p>un<text:s/>deux<text:tab/>tr<text:span>ois</text:span></text:p></office:document-content>`,
  });
  assert.equal(await documentText("odf", bytes, limit), "Titre un deux trois");
});

test("the words of RTF, accents by code page and by Unicode, fonts and pictures left out", async () => {
  const rtf =
    "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator Word;}\\f0 Arr\\'eat\\'e9\\par \\u8364?uro {\\pict 0a0b}\\{x\\}}";
  assert.equal(await documentText("rtf", Buffer.from(rtf), limit), "Arrêté €uro {x}");
});

test("a text is cut at the limit and reading stops there", async () => {
  const bytes = await archive({ "content.xml": `<a xmlns:text="t"><text:p>${"mot ".repeat(50_000)}</text:p></a>` });
  assert.equal((await documentText("odf", bytes, 101)).length, 101);
});

test("a bomb is refused by what it says, and by what it is", async () => {
  const zeros = deflateRawSync(Buffer.alloc(80 * 1024 * 1024));
  assert.ok(zeros.length < 200_000);
  const bomb = await archive({ "content.xml": Buffer.alloc(80 * 1024 * 1024, "a") });
  await assert.rejects(documentText("odf", bomb, limit), DocumentError);
});

test("entities are not expanded, and what is malformed gives what stood before", async () => {
  const laughs = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "${"ha".repeat(100)}">]><a xmlns:text="t"><text:p>un &b;&b; deux</text:p><text:p>trois</text:p></a>`;
  const text = await documentText("odf", await archive({ "content.xml": laughs }), limit);
  assert.ok(!text.includes("haha"), text);
  assert.equal(
    await documentText("odf", await archive({ "content.xml": `<a xmlns:text="t"><text:p>un</text:p><b` }), limit),
    "un",
  );
});

test("what is no document is refused, whatever it is cut to", async () => {
  for (const kind of ["pdf", "ooxml", "odf"] as const) {
    for (const bytes of [Buffer.alloc(0), Buffer.from("PK\u0003\u0004 no"), Buffer.from("%PDF-1.7\n")]) {
      await assert.rejects(documentText(kind, bytes, limit), DocumentError);
    }
  }
  const whole = pdf("Bonjour");
  for (let length = 100; length < whole.length; length += 90) {
    await documentText("pdf", whole.subarray(0, length), limit).catch((error: unknown) => {
      assert.ok(error instanceof DocumentError);
    });
  }
});

test("kinds are told by type, by extension where the type says nothing, and not for pictures or text", () => {
  assert.equal(documentKind("application/pdf", null), "pdf");
  assert.equal(documentKind("application/octet-stream", "Arrêté.PDF"), "pdf");
  assert.equal(documentKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", null), "ooxml");
  assert.equal(documentKind("application/vnd.oasis.opendocument.spreadsheet", "x"), "odf");
  assert.equal(documentKind("application/octet-stream", "courrier.eml"), "message");
  assert.equal(documentKind("image/png", "x.pdf"), undefined);
  assert.equal(documentKind("text/plain", "x.docx"), undefined);
  assert.equal(documentKind("application/zip", "x.zip"), undefined);
});
