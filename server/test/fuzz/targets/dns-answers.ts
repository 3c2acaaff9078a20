import { decodeMessage } from "../../../src/formats/dns-message/decode-message.ts";
import { DnsFormatError } from "../../../src/formats/dns-message/dns-message.ts";
import { type FuzzTarget, kindOf } from "../target.ts";

/** What a name server answers. */
export const dnsAnswers: FuzzTarget = {
  name: "dns-answers",
  maxBytes: 2_048,
  seeds: [
    Buffer.from(
      "123481a00001000200000001046d61696c076578616d706c650000010001c00c00050001000000100005026d78c011c02c00010001000000100004c0000201000029100000008000 0000".replaceAll(
        " ",
        "",
      ),
      "hex",
    ),
    Buffer.from(
      "00018580000100010000000005 5f736d7470076578616d706c6500001000 01c00c001000010000003c000c0b763d535453763120 69643d".replaceAll(
        " ",
        "",
      ),
      "hex",
    ),
    Buffer.from(
      "00028180000100010000000003 5f32350 45f746370026d78076578616d706c65000034 0001c00c003400010000003c00230301 01".replaceAll(
        " ",
        "",
      ) + "ab".repeat(32),
      "hex",
    ),
  ],
  words: ["\xc0\x0c", "\xc0\x00", "\x3f", "\x00\x0f", "\x00\x34", "\x00\x01", "\xff\xff"],
  run(input) {
    try {
      const { answers } = decodeMessage(input) as { answers: readonly { type: string }[] };
      return answers
        .map((each) => each.type)
        .slice(0, 8)
        .join();
    } catch (error) {
      if (error instanceof DnsFormatError) return kindOf(error.message);
      throw error;
    }
  },
};
