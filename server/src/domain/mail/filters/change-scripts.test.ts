// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what looks like a variable must stay
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { DomainError } from "../../errors.ts";
import {
  activateScript,
  deleteScript,
  putScript,
  renameScript,
  requireSpace,
  updateScriptById,
} from "./change-scripts.ts";
import { readRules, saveRules } from "./filter-rules.ts";
import { listScripts, readScript, scriptState } from "./read-scripts.ts";

let mail: MailFixture;
let anna: MailPerson;
let carl: MailPerson;
before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna");
  carl = await mail.createPerson("Carl", { organizationId: mail.otherOrganizationId });
});
after(() => mail.close());

const code = (wanted: string) => (error: unknown) => error instanceof DomainError && error.code === wanted;
const put = (person: MailPerson, name: string, content = "keep;") =>
  putScript(mail.deps, person.access, { name, content });

test("names are Net-Unicode: one form, no controls, no line separators, at most 512 octets", async () => {
  for (const name of ["", "a\nb", "a\u2028b", "\u0085", "é".repeat(257), "\ud800"]) {
    await assert.rejects(put(anna, name), code("invalid"), JSON.stringify(name));
  }
  await put(anna, "e\u0301te\u0301");
  assert.equal(await readScript(mail.store.read, anna.access, { name: "été" }), "keep;");
  await deleteScript(mail.deps, anna.access, { name: "été" });
});

test("every change moves the state, and what changes nothing does not", async () => {
  const states = new Set<string>();
  const moved = async (work: () => Promise<unknown>) => {
    await work();
    const size = states.size;
    return states.add(await scriptState(mail.store.read, anna.access)).size > size;
  };
  assert.equal(await moved(async () => {}), true);
  assert.equal(await moved(() => put(anna, "a")), true);
  assert.equal(await moved(() => activateScript(mail.deps, anna.access, { name: "a" })), true);
  assert.equal(await moved(() => activateScript(mail.deps, anna.access, { name: "a" })), false);
  assert.equal(await moved(() => requireSpace(mail.deps, anna.access, "b", 10)), false);
  assert.equal(await moved(() => renameScript(mail.deps, anna.access, "a", "b")), true);
  const [script] = await listScripts(mail.store.read, anna.access);
  assert.equal(await moved(() => updateScriptById(mail.deps, anna.access, script!.id, {})), false);
  assert.equal(await moved(() => updateScriptById(mail.deps, anna.access, script!.id, { content: "stop;" })), true);
  const [changed] = await listScripts(mail.store.read, anna.access);
  assert.notEqual(changed!.blobId, script!.blobId);
  assert.equal(changed!.isActive, true);
  await assert.rejects(deleteScript(mail.deps, anna.access, { id: script!.id }), code("conflict"));
  await activateScript(mail.deps, anna.access, undefined);
  await deleteScript(mail.deps, anna.access, { id: script!.id });
});

test("only whoever manages a mailbox changes its filters, and only whoever reads it sees them", async () => {
  const reader = { ...anna.access, rights: new Set(["read", "write", "delete"] as const) };
  await put(anna, "secret", "discard;");
  assert.equal(await readScript(mail.store.read, reader, { name: "secret" }), "discard;");
  const refused = code("forbidden");
  const none = { vacation: null, forward: null, rules: [] };
  await assert.rejects(putScript(mail.deps, reader, { name: "x", content: "keep;" }), refused);
  await assert.rejects(activateScript(mail.deps, reader, { name: "secret" }), refused);
  await assert.rejects(deleteScript(mail.deps, reader, { name: "secret" }), refused);
  await assert.rejects(saveRules(mail.deps, reader, none), refused);
  const nobody = { ...reader, rights: new Set<never>() };
  await assert.rejects(readScript(mail.store.read, nobody, { name: "secret" }), refused);
  await assert.rejects(readRules(mail.store.read, nobody), refused);
});

test("accounts do not see each other's scripts, whatever the id", async () => {
  const { id, blobId } = await put(anna, "mine", "stop;");
  const missing = code("not_found");
  await assert.rejects(readScript(mail.store.read, carl.access, { name: "mine" }), missing);
  await assert.rejects(readScript(mail.store.read, carl.access, { blobId }), missing);
  await assert.rejects(readScript(mail.store.read, carl.access, { blobId: "x" }), missing);
  await assert.rejects(activateScript(mail.deps, carl.access, { id }), missing);
  await assert.rejects(deleteScript(mail.deps, carl.access, { id }), missing);
  await assert.rejects(updateScriptById(mail.deps, carl.access, id, { name: "yours" }), missing);
  assert.equal(await readScript(mail.store.read, anna.access, { blobId }), "stop;");
});

test("of two who activate at once, one script is active in the end", async () => {
  await Promise.all(["un", "deux", "trois"].map((name) => put(carl, name)));
  await Promise.all(["un", "deux", "trois"].map((name) => activateScript(mail.deps, carl.access, { name })));
  assert.equal((await listScripts(mail.store.read, carl.access)).filter((script) => script.isActive).length, 1);
});

test("rules that cannot be are refused with the place of what is wrong", async () => {
  const rule = { name: "r", isEnabled: true, match: "all" as const, conditions: [], actions: [], stops: false };
  const text = { field: "subject" as const, operator: "contains" as const, value: "x", isNegated: false };
  const vacation = { isEnabled: true, from: null, until: null, subject: null, text: "x", html: null, days: 7 };
  const none = { vacation: null, forward: null, rules: [] };
  for (const [rules, path] of [
    [{ ...none, vacation: { ...vacation, days: 0 } }, "vacation/days"],
    [{ ...none, vacation: { ...vacation, subject: "a\nb" } }, "vacation/subject"],
    [
      { ...none, vacation: { ...vacation, from: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z" } },
      "vacation/until",
    ],
    [{ ...none, forward: { addresses: [], keepsCopy: true } }, "forward/addresses"],
    [{ ...none, forward: { addresses: ["a@b.example", "nobody"], keepsCopy: true } }, "forward/addresses/1"],
    [{ ...none, rules: [{ ...rule, name: "a\nb" }] }, "rules/0/name"],
    [{ ...none, rules: [rule, { ...rule, conditions: [{ ...text, value: "" }] }] }, "rules/1/conditions/0/value"],
    [
      { ...none, rules: [{ ...rule, conditions: [{ ...text, field: "header" as const, header: "a b" }] }] },
      "rules/0/conditions/0/header",
    ],
    [
      { ...none, rules: [{ ...rule, actions: [{ kind: "forward" as const, address: "x" }] }] },
      "rules/0/actions/0/address",
    ],
    [
      {
        ...none,
        rules: [{ ...rule, actions: [{ kind: "reject" as const, text: "x" }, { kind: "discard" as const }] }],
      },
      "rules/0/actions",
    ],
  ] as const) {
    await assert.rejects(
      saveRules(mail.deps, anna.access, structuredClone(rules) as Parameters<typeof saveRules>[2]),
      (error: unknown) => error instanceof DomainError && error.code === "invalid" && error.data?.path === path,
      path,
    );
  }
});

test("a message is flagged before it is filed, in whatever order a rule says it", async () => {
  const move = { kind: "move" as const, mailboxId: "m1", mailbox: "Voirie" };
  const flag = { kind: "flag" as const, flags: ["\\Seen"] };
  const rule = {
    name: "r",
    isEnabled: true,
    match: "all" as const,
    conditions: [],
    actions: [move, flag],
    stops: true,
  };
  await saveRules(mail.deps, anna.access, { vacation: null, forward: null, rules: [rule] });
  const read = await readRules(mail.store.read, anna.access);
  assert.deepEqual(read.kind === "rules" && read.rules.rules[0]?.actions, [flag, move]);
});

test("what was saved as rules is read as the same rules, whatever their texts", async () => {
  const texts = ['"', "\\", "${x}", "a\r\nb", "é*?", "/* */", "# x", "text:", "]", "\u2028"];
  const rules = {
    vacation: {
      isEnabled: true,
      from: "2026-12-20T00:00:00.500Z",
      until: null,
      subject: null,
      text: texts.join("\n.\n"),
      html: null,
      days: 7,
    },
    forward: null,
    rules: texts
      .filter((value) => !value.includes("\n"))
      .map((value) => ({
        name: value,
        isEnabled: true,
        match: "any" as const,
        conditions: (["contains", "is", "startsWith", "endsWith"] as const).map((operator) => ({
          field: "subject" as const,
          operator,
          value,
          isNegated: true,
        })),
        actions: [{ kind: "move" as const, mailboxId: "m", mailbox: `A/${value}` }],
        stops: true,
      })),
  };
  await saveRules(mail.deps, anna.access, rules);
  const read = await readRules(mail.store.read, anna.access);
  assert.ok(read.kind === "rules");
  assert.deepEqual(read.rules, {
    ...rules,
    vacation: { ...rules.vacation, from: "2026-12-20T00:00:00Z", text: rules.vacation.text.replace("\r\n", "\n") },
  });
});
