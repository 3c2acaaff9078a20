// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of Sieve
import assert from "node:assert/strict";
import { test } from "node:test";
import { hostOf, viewText } from "../../../test/harness/sieve-dialect.ts";
import type { SieveResult } from "./actions.ts";
import { compileScript } from "./compile-script.ts";
import { defaultSieveLimits, type SieveLimits } from "./limits.ts";
import type { SieveHost } from "./machine.ts";
import { parseMailto } from "./notify-method.ts";
import { runScript } from "./run-script.ts";

const message = viewText(
  "From: paul@ext.example\nTo: anne@bourg.example\nSubject: Essai\nMessage-ID: <m1@ext.example>\n\nBonjour\n",
  { from: "paul@ext.example", to: "anne@bourg.example" },
);

function run(script: string, host: Partial<SieveHost> = {}, limits: Partial<SieveLimits> = {}): Promise<SieveResult> {
  return runScript(compileScript(script), "main", message, hostOf(host), { ...defaultSieveLimits, ...limits });
}

/** Each action in a few words. */
async function told(script: string, host: Partial<SieveHost> = {}): Promise<string[]> {
  const { actions, failure } = await run(script, host);
  assert.equal(failure, undefined);
  return actions.map((action) => {
    switch (action.kind) {
      case "keep":
        return ["keep", ...action.flags].join(" ");
      case "fileinto":
        return ["fileinto", action.mailbox, ...(action.mayCreate ? [":create"] : []), ...action.flags].join(" ");
      case "redirect":
        return `redirect ${action.address}`;
      case "reject":
        return `${action.isExtended ? "ereject" : "reject"} ${action.text}`;
      default:
        return action.kind;
    }
  });
}

async function failureOf(script: string, host: Partial<SieveHost> = {}, limits: Partial<SieveLimits> = {}) {
  const { actions, seenIds, failure } = await run(script, host, limits);
  assert.ok(failure, "the script did not fail");
  assert.deepEqual(actions, [{ kind: "keep", flags: [], editedHeader: undefined }]);
  assert.deepEqual(seenIds, []);
  return `${failure.position.line} ${failure.message}`;
}

test("what is done decides whether the message is kept without being asked", async () => {
  assert.deepEqual(await told(""), ["keep"]);
  assert.deepEqual(await told("discard;"), ["discard"]);
  assert.deepEqual(await told("discard; keep;"), ["discard", "keep"]);
  assert.deepEqual(await told('require "fileinto"; fileinto "A";'), ["fileinto A"]);
  assert.deepEqual(await told('require ["fileinto", "copy"]; fileinto :copy "A";'), ["fileinto A", "keep"]);
  assert.deepEqual(await told('redirect "Anne <a@b.example>";'), ["redirect a@b.example"]);
  assert.deepEqual(await told('require "copy"; redirect :copy "a@b.example";'), ["redirect a@b.example", "keep"]);
  assert.deepEqual(await told('require "ereject"; ereject "non";'), ["ereject non"]);
  assert.deepEqual(await told('require "vacation"; vacation "absent";'), ["vacation", "keep"]);
  assert.deepEqual(await told("if true { stop; } discard;"), ["keep"]);
});

test("flags are those of the moment of the action, unless it names its own", async () => {
  const script = `require ["imap4flags", "fileinto", "copy"];
    addflag "\\\\seen"; fileinto :copy "A"; addflag "$b"; fileinto :copy :flags "$c \\\\Flagged" "B"; keep :flags [];`;
  assert.deepEqual(await told(script.replace("keep :flags [];", "")), [
    "fileinto A \\Seen",
    "fileinto B $c \\Flagged",
    "keep \\Seen $b",
  ]);
});

test("an address is redirected to once, and more than five are too many", async () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => `redirect "a${n}@b.example"; redirect "A${n}@b.example";`).join("");
  assert.equal((await told(many(5))).length, 5);
  assert.match(await failureOf(many(6)), /^1 A message is redirected at most 5 times/);
});

test("actions that contradict one another fail the script", async () => {
  assert.match(await failureOf('require "reject";\nkeep;\nreject "x";'), /^3 reject cannot be used after keep/);
  assert.match(await failureOf('require ["reject", "fileinto"];\nreject "x";\nfileinto "A";'), /^3 fileinto cannot/);
  assert.match(await failureOf('require ["reject", "vacation"]; reject "x"; vacation "y";'), /vacation cannot/);
  assert.match(await failureOf('require "vacation"; vacation "x"; vacation "y";'), /used twice/);
  assert.match(await failureOf('require "variables"; redirect "${x}";'), /redirected to one address/);
  assert.match(await failureOf("keep;".repeat(50)), /too many things/);
});

test("scripts include others, once or as often as asked, with variables of their own", async () => {
  const scripts: Record<string, string> = {
    "personal set": 'require ["variables", "include"]; global "shared"; set "shared" "oui"; set "mine" "non";',
    "personal file": 'require ["fileinto", "include", "copy"]; fileinto :copy "A"; return; fileinto "B";',
    "global end": "stop;",
    "personal loop": 'require "include"; include "loop2";',
    "personal loop2": 'require "include"; include :personal "loop";',
    "personal wrong": "nonsense;",
  };
  const findScript: SieveHost["findScript"] = (place, name) => {
    const found = scripts[`${place} ${name}`];
    return found === undefined ? undefined : compileScript(found);
  };
  const host = { findScript };
  const head = 'require ["include", "variables", "fileinto"]; ';
  assert.deepEqual(
    await told(`${head} include "set"; global "shared"; fileinto "<\${shared}\${global.shared}\${mine}>";`, host),
    ["fileinto <ouioui>"],
  );
  assert.deepEqual(await told(`${head} include "file"; include "file";`, host), ["fileinto A", "fileinto A", "keep"]);
  assert.deepEqual(await told(`${head} include "file"; include :once "file";`, host), ["fileinto A", "keep"]);
  assert.deepEqual(await told(`${head} include :optional "nothing"; include :global "end"; discard;`, host), ["keep"]);
  assert.match(await failureOf(`${head}\ninclude :global "file";`, host), /^2 There is no script “file” to include/);
  assert.match(await failureOf(`${head} include "loop";`, host), /includes itself/);
  assert.match(await failureOf(`${head} include "wrong";`, host), /cannot be used: line 1: There is no command/);
  assert.match(await failureOf(`${head} include "main";`, host), /includes itself/);
});

test("ids of duplicates are remembered for as long as asked, when the script succeeds", async () => {
  const first = await run('require "duplicate"; if duplicate :seconds 60 { discard; }');
  assert.equal(first.actions[0]?.kind, "keep");
  const [seen] = first.seenIds;
  assert.equal(seen?.seconds, 60);
  const host = { wasSeen: (id: string) => id === seen?.id };
  const second = await run('require "duplicate"; if duplicate :seconds 60 { discard; }', host);
  assert.deepEqual([second.actions[0]?.kind, second.seenIds], ["discard", []]);
  const prolonged = await run('require "duplicate"; if duplicate :last { discard; }', host);
  assert.equal(prolonged.seenIds.length, 1);
  const other = await run('require "duplicate"; if duplicate :handle "x" { discard; }', host);
  assert.equal(other.actions[0]?.kind, "keep");
  assert.match(await failureOf('require ["duplicate", "include"]; if duplicate { } include "nothing";'), /no script/);
});

test("an answer is the same for the same arguments, and its interval stays within bounds", async () => {
  const one = async (args: string) => {
    const { actions } = await run(`require ["vacation", "vacation-seconds"]; vacation ${args};`);
    const [action] = actions;
    assert.ok(action?.kind === "vacation");
    return action;
  };
  assert.equal((await one('"x"')).intervalSeconds, 7 * 86_400);
  assert.equal((await one(':days 0 "x"')).intervalSeconds, 86_400);
  assert.equal((await one(':days 1000 "x"')).intervalSeconds, 90 * 86_400);
  assert.equal((await one(':seconds 0 "x"')).intervalSeconds, 60);
  assert.equal((await one('"x"')).handle, (await one(':days 3 :addresses "a@b.example" "x"')).handle);
  assert.notEqual((await one('"x"')).handle, (await one(':subject "s" "x"')).handle);
  assert.equal((await one(':handle "h" "x"')).handle, (await one(':handle "h" "y"')).handle);
});

test("a header is edited in place: other fields keep their bytes", async () => {
  const { actions } = await run(
    'require "editheader"; addheader "X-A" "é"; deleteheader "subject"; addheader :last "X-B" "fin";',
  );
  const [action] = actions;
  assert.ok(action?.kind === "keep");
  assert.equal(
    action.editedHeader?.toString(),
    "X-A: =?utf-8?B?w6k=?=\r\nFrom: paul@ext.example\r\nTo: anne@bourg.example\r\nMessage-ID: <m1@ext.example>\r\nX-B: fin\r\n",
  );
  const injected = await run('require ["editheader", "variables"]; set "n" "a\r\nBcc: x"; addheader "X-A" "${n}";');
  const [kept] = injected.actions;
  assert.ok(kept?.kind === "keep");
  assert.match(kept.editedHeader!.toString(), /^X-A: a Bcc: x\r\nFrom/);
});

test("a long value is folded at its blanks", async () => {
  const { actions } = await run(`require "editheader"; addheader "X-Long" "${"mot ".repeat(60)}";`);
  const [action] = actions;
  assert.ok(action?.kind === "keep");
  const lines = action.editedHeader!.toString().split("\r\n");
  assert.ok(lines.every((line) => line.length <= 78));
  assert.match(lines[1]!, /^ mot/);
});

for (const [what, script] of [
  [
    "nested stars over a long text",
    'require "variables"; if string :matches "${a}" "*a*a*a*a*a*a*a*a*a*b" { discard; }',
  ],
  [
    "an expression that would make others backtrack",
    'require ["variables", "regex"]; if string :regex "${a}" "^(a+)+$b" { discard; }',
  ],
  [
    "an expression with many states",
    'require ["variables", "regex"]; if string :regex "${a}" "(a?){200}(a|b){200}c" { discard; }',
  ],
] as const) {
  test(`${what} ends, whatever it finds`, async () => {
    const grow = `require ["variables", "regex"]; set "a" "aaaaaaaaaaaaaaaa"; ${'set "a" "${a}${a}"; '.repeat(9)}`;
    const { actions } = await run(grow + script.replace(/^require [^;]*; /, ""));
    assert.equal(actions[0]?.kind, "keep");
  });
}

test("a script that would work for ever uses up its budget and keeps the message", async () => {
  const grow = `require ["variables", "regex"]; set "a" "aaaaaaaaaaaaaaaa"; ${'set "a" "${a}${a}";'.repeat(9)}`;
  const work = 'if string :regex "${a}" "(a|b|c|d)*(a|b){100}x" { discard; }\n'.repeat(200);
  assert.match(await failureOf(grow + work), /takes too long/);
  assert.match(await failureOf("if true { } ".repeat(100), {}, { maxSteps: 50 }), /takes too long/);
});

test("variables are cut, not refused, and only so many are possible", async () => {
  const { actions } = await run(
    `require ["variables", "fileinto"]; set "a" "${"x".repeat(9_000)}"; set :length "n" "\${a}"; fileinto "\${n}";`,
  );
  assert.ok(actions[0]?.kind === "fileinto" && actions[0].mailbox === "8192");
  const many = Array.from({ length: 600 }, (_, n) => `set "v${n}" "x";`).join("");
  assert.match(await failureOf(`require "variables"; ${many}`), /at most 500 variables/);
});

for (const address of [
  "anne@b.example",
  " Anne < anne @ b.example > ",
  '"Anne, mairie"<anne@ b.example>',
  "=?utf-8?q?Anne?= <anne@b.example >",
]) {
  test(`a message is redirected to the address of ${JSON.stringify(address)}`, async () => {
    const { actions } = await run(`redirect ${JSON.stringify(address)};`);
    assert.deepEqual(actions, [{ kind: "redirect", address: "anne@b.example", editedHeader: undefined }]);
  });
}

test("the addresses of a notification may stand beside a comma that is written as %2C", () => {
  const { to, cc } =
    parseMailto("mailto:a@b.example%2Cc@d.example,%22x%2Cy%22@e.example?cc=f@g.example%2c%20h@i.example") ?? {};
  assert.deepEqual(to, ["a@b.example", "c@d.example", '"x,y"@e.example']);
  assert.deepEqual(cc, ["f@g.example", "h@i.example"]);
  assert.equal(parseMailto("mailto:a@b.example%2"), undefined);
  assert.equal(parseMailto("mailto:%22a@b.example"), undefined);
});
