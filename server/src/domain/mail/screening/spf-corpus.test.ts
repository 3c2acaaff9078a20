import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { spf } from "mailauth/lib/spf/index.js";
import type { Resolver } from "../resolver.ts";
import { authenticateMessage } from "./authenticate-message.ts";

type Record =
  | ["TXT", string[]]
  | ["A" | "AAAA" | "PTR" | "CNAME", string]
  | ["MX", number, string]
  | ["TIMEOUT"]
  | ["CNAMELOOP"];

interface Scenario {
  name: string;
  zone: { [name: string]: Record[] };
  cases: {
    name: string;
    section: string;
    helo: string;
    ip: string;
    from: string;
    expected: string[];
    explanation?: string;
  }[];
}

/** The cases of the openspf test suite for RFC 7208, in a form of our own; rfc7208.LICENSE is theirs. */
const scenarios = JSON.parse(
  await readFile(new URL("../../../../test/fixtures/mail-authentication/rfc7208.json", import.meta.url), "utf8"),
) as Scenario[];

function resolverOf(zone: Scenario["zone"]): Resolver {
  const records = new Map(Object.entries(zone).map(([name, list]) => [name.toLowerCase(), list]));
  const fail = (code: string) => Object.assign(new Error(code), { code });
  async function resolve(name: string, type: string, depth = 0): Promise<unknown[]> {
    const list = records.get(name.toLowerCase().replace(/\.$/, ""));
    if (!list) throw fail("ENOTFOUND");
    if (depth > 8 || list.some((each) => each[0] === "CNAMELOOP")) throw fail("ESERVFAIL");
    const alias = list.find((each) => each[0] === "CNAME");
    if (alias && type !== "CNAME") return resolve(alias[1] as string, type, depth + 1);
    const found = list.filter((each) => each[0] === type);
    if (found.length === 0) throw fail(list.some((each) => each[0] === "TIMEOUT") ? "ETIMEOUT" : "ENODATA");
    return found.map((each) => (each[0] === "MX" ? { priority: each[1], exchange: each[2] } : each[1]));
  }
  return { resolve: ((name: string, type: string) => resolve(name, type)) as Resolver["resolve"] };
}

let count = 0;
for (const { name: scenario, zone, cases } of scenarios) {
  for (const { name, section, helo, ip, from, expected, explanation } of cases) {
    count++;
    test(`SPF, ${scenario}, ${name} (RFC 7208 section ${section}): ${expected.join(" or ")}`, async () => {
      const resolver = resolverOf(zone);
      const { findings } = await authenticateMessage(
        resolver,
        Buffer.from("From: x@y.example\r\n\r\nx"),
        { remoteAddress: ip, helo, sender: from },
        "mx.bouquet.example",
      );
      assert.ok(expected.includes(findings.spf), `got ${findings.spf}`);
      if (explanation !== undefined && findings.spf === "fail") {
        const direct = await spf({
          resolver: (asked: string, type: string) => resolver.resolve(asked, type as "A"),
          ip,
          helo,
          sender: from,
          mta: "receiver.example",
          strict: true,
        });
        // Macro letters of addresses are in lower case here, in upper case in the suite; names do not care.
        assert.equal(direct?.explanation?.toLowerCase(), explanation.toLowerCase());
      }
    });
  }
}

test("the whole suite ran", () => {
  assert.equal(count, 203);
});
