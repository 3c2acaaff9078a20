import assert from "node:assert/strict";
import { analyzeMessage } from "../../../src/formats/mime/analyze-message.ts";
import { renderBodyStructure, renderEnvelope } from "../../../src/formats/mime/bodystructure.ts";
import { decodePartText, eachPart } from "../../../src/formats/mime/message-text.ts";
import { searchedPlaces } from "../../../src/formats/mime/searched-texts.ts";
import { unicodeCasemap } from "../../../src/formats/mime/unicode-casemap.ts";
import type { FuzzTarget } from "../target.ts";

export const mimeMessage: FuzzTarget = {
  name: "mime-message",
  seeds: [
    'From: =?utf-8?Q?M=C3=A9lanie?= <m@x.example>, Group: a@b.example, "c, d" <c@d.example>;\r\nTo: undisclosed-recipients:;\r\nSubject: =?iso-8859-1?B?6Q==?= =?utf-8?q?_suite?=\r\nDate: Mon, 23 Nov 2026 08:30:00 +0100 (CET)\r\nMessage-ID: <1@x>\r\nReferences: <0@x> <a b@x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b 1"\r\n\r\npreamble\r\n--b 1\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nBonjour=20=C3=A9t=\r\n=E9\r\n--b 1\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\ninner\r\n--b 1\r\nContent-Type: application/pdf; name*0*=utf-8\'\'d%C3%A9li; name*1=b.pdf\r\nContent-Disposition: attachment; filename="=?utf-8?B?w6k=?=.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--b 1--\r\nepilogue\r\n',
    "Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nplain\r\n--x\r\nContent-Type: text/html; charset=windows-1252\r\n\r\n<html><head><title>t</title><style>p{}</style></head><body><p>a&eacute;&#233;<br>b<script>x</script></p></body></html>\r\n--x--",
    "Content-Type: multipart/digest; boundary=y\n\n--y\n\nSubject: a\n\nb\n--y--\n",
    "Subject: uu\r\n\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n",
    "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--a--\r\n",
  ],
  words: [
    "Content-Type: ",
    "multipart/mixed",
    "message/rfc822",
    "text/plain",
    "boundary=",
    "--b 1",
    "--b 1--",
    "\r\n\r\n",
    "\r\n ",
    "Content-Transfer-Encoding: base64",
    "quoted-printable",
    "=?utf-8?B?",
    "?=",
    "=?x?q?",
    "charset=",
    "utf-16",
    "utf-7",
    "iso-2022-jp",
    "name*0*=",
    "filename*=utf-8''%C3",
    "From: ",
    "<",
    ">",
    "@",
    "(((",
    ";",
    "&#x10FFFF;",
    "<!--",
    "<![CDATA[",
    "begin 644 x\r\n",
  ],
  run(input) {
    const analyzed = analyzeMessage(input);
    let parts = 0;
    let depth = 0;
    for (const part of eachPart(analyzed.root)) {
      parts += 1;
      depth = Math.max(depth, part.path.split(".").length);
      for (const value of Object.values(part)) {
        if (typeof value === "number")
          assert.ok(value >= 0 && value <= input.length * 2 + 2, "offsets and sizes are within the message");
      }
      decodePartText(input, part);
    }
    let searched = 0;
    for (const place of searchedPlaces(analyzed.root)) {
      for (const text of place.texts(input.subarray(place.start, place.end))) {
        searched += text?.length ?? 0;
        const mapped = unicodeCasemap(text ?? "");
        assert.ok(mapped.isWellFormed() && !mapped.includes("\0"), "what is searched can be stored");
      }
    }
    assert.ok(searched <= input.length * 16 + 1_024, "what is searched does not grow without measure");
    renderEnvelope(analyzed.envelope);
    renderBodyStructure(analyzed.root);
    assert.ok(analyzed.preview.length <= 256, "a preview is short");
    assert.ok(analyzed.searchText.length <= input.length * 8 + 1_024, "text does not grow without measure");
    assert.doesNotThrow(() => JSON.stringify(analyzed));
    return `${Math.min(parts, 20)} ${Math.min(depth, 12)} ${analyzed.root.type}/${analyzed.root.subtype} ${analyzed.hasAttachment} ${analyzed.sentAt === null} ${analyzed.from.length > 0}`;
  },
};
