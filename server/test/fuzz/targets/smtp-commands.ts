import assert from "node:assert/strict";
import { BadCommand } from "../../../src/formats/smtp-syntax/bad-command.ts";
import { DataDecoder } from "../../../src/formats/smtp-syntax/data-decoder.ts";
import { readMailParameters, readRecipientParameters } from "../../../src/formats/smtp-syntax/read-parameters.ts";
import { readPath } from "../../../src/formats/smtp-syntax/read-path.ts";
import { BadProxyHeader, parseProxyHeader } from "../../../src/net/proxy-protocol.ts";
import { type FuzzTarget, kindOf } from "../target.ts";

/** The arguments of MAIL and RCPT. */
export const smtpCommands: FuzzTarget = {
  name: "smtp-commands",
  maxBytes: 4_096,
  seeds: [
    "FROM:<marie@exemple.example> SIZE=12345 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb REQUIRETLS AUTH=<>",
    'TO:<@a.example,@b.example:"odd\\" name"@[IPv6:2001:db8::1]> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;x+40y.example',
    "FROM:<>",
    "TO:<élu@mairie.example>",
  ],
  words: [
    "FROM:",
    "TO:",
    "<",
    ">",
    "@",
    "[",
    "]",
    "IPv6:",
    '"',
    "\\",
    "SIZE=",
    "BODY=",
    "NOTIFY=",
    "ORCPT=",
    "+00",
    "+4",
    "=",
    ".",
    "..",
    "é",
    "xn--",
    "NEVER",
    ",",
  ],
  run(input) {
    const text = input.toString("utf8");
    const kinds: string[] = [];
    for (const keyword of ["FROM", "TO"] as const) {
      try {
        const { address, rest } = readPath(text, keyword, keyword === "FROM");
        assert.ok(
          Buffer.byteLength(address) <= 64 + 1 + 255 && !/[\r\n\0]/.test(address),
          "an address that can be written on a line",
        );
        const parameters =
          keyword === "FROM"
            ? readMailParameters(rest, { requireTls: true, auth: true })
            : readRecipientParameters(rest);
        kinds.push(Object.keys(parameters).join());
      } catch (error) {
        if (!(error instanceof BadCommand)) throw error;
        kinds.push(kindOf(error.message));
      }
    }
    return kinds.join("|");
  },
};

/** What follows DATA, whatever the pieces that it comes in. */
export const smtpData: FuzzTarget = {
  name: "smtp-data",
  seeds: [
    "Subject: a\r\n\r\n..b\r\n.c\r\nx\r\n.\r\nQUIT\r\n",
    ".\r\n",
    "a\n.\nb\r\n.\nc\r.\r\nd\r\n.\r\n",
    "a\r\n.\r.\r\n\r\n.\r\n",
  ],
  words: ["\r\n.\r\n", "\n.\n", "\r.\r", "\r\n.", ".", "\r", "\n", "\r\n..", "\r\n.\n", "\n.\r\n"],
  run(input) {
    const decode = (pieces: readonly Buffer[]) => {
      const decoder = new DataDecoder();
      const out: Buffer[] = [];
      const after: Buffer[] = [];
      for (const piece of pieces) {
        if (decoder.rest !== undefined) after.push(piece);
        else out.push(...decoder.push(piece));
        if (decoder.rest !== undefined && after.length === 0) after.push(decoder.rest);
      }
      return {
        message: Buffer.concat(out).toString("latin1"),
        rest: decoder.rest && Buffer.concat(after).toString("latin1"),
      };
    };
    const whole = decode([input]);
    const at = input.length === 0 ? 0 : (input[input.length - 1] as number) % (input.length + 1);
    assert.deepEqual(decode([input.subarray(0, at), input.subarray(at)]), whole, "cuts change nothing");
    const text = input.toString("latin1");
    const end = text.startsWith(".\r\n") ? 0 : text.indexOf("\r\n.\r\n");
    assert.equal(whole.rest !== undefined, end >= 0, "it ends at CRLF . CRLF and at nothing else");
    return `${whole.rest === undefined} ${Math.min(whole.message.split("\n").length, 30)} ${whole.message.length === input.length}`;
  },
};

/** What a load balancer says first. */
export const proxyHeader: FuzzTarget = {
  name: "proxy-header",
  maxBytes: 600,
  seeds: [
    "PROXY TCP4 192.0.2.1 198.51.100.2 5000 25\r\nEHLO",
    "PROXY TCP6 2001:db8::1 2001:db8::2 1 25\r\n",
    "PROXY UNKNOWN\r\n",
    Buffer.from("0d0a0d0a000d0a515549540a2111000cc0000201c633640213880019", "hex"),
    Buffer.from("0d0a0d0a000d0a515549540a200000 00".replaceAll(" ", ""), "hex"),
  ],
  words: ["PROXY ", "TCP4", "TCP6", "UNKNOWN", "\r\n", "0", "65536", "::", "\r\n\r\n\0\r\nQUIT\n"],
  run(input) {
    try {
      const header = parseProxyHeader(input);
      return header === undefined ? "more" : JSON.stringify(Object.keys(header));
    } catch (error) {
      if (error instanceof BadProxyHeader) return kindOf(error.message);
      throw error;
    }
  },
};
