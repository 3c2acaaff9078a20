import { setImmediate } from "node:timers/promises";
import { viewMessage } from "../../src/domain/mail/filters/view-message.ts";
import { indexMessage } from "../../src/formats/mime/index-message.ts";
import { ArgumentReader } from "../../src/formats/sieve/argument-reader.ts";
import type { CommandSpec } from "../../src/formats/sieve/compile-context.ts";
import { compileScript, type SieveDialect } from "../../src/formats/sieve/compile-script.ts";
import { HeaderEditor } from "../../src/formats/sieve/header-editor.ts";
import { defaultSieveLimits } from "../../src/formats/sieve/limits.ts";
import type { SieveHost } from "../../src/formats/sieve/machine.ts";
import { Machine } from "../../src/formats/sieve/machine.ts";
import type { MessageView } from "../../src/formats/sieve/message-view.ts";
import { runSteps } from "../../src/formats/sieve/run-steps.ts";

/** A message given as text, as scripts see it. */
export function viewText(text: string, envelope = { from: "", to: "" }): MessageView {
  const bytes = Buffer.from(text.replace(/\r?\n/g, "\r\n"), "utf8");
  return viewMessage(bytes, indexMessage(bytes), envelope);
}

/** A world with nothing in it but what is given. */
export function hostOf(given: Partial<SieveHost> = {}): SieveHost {
  return {
    now: new Date("2026-11-23T13:45:30Z"),
    timeZone: "Europe/Paris",
    mailboxExists: (name) => ["INBOX", "Projets", "Projets/École"].includes(name),
    mailboxIdExists: (id) => id === "M1",
    specialUseExists: (mailbox, attributes) =>
      attributes.every((each) => each === "\\Junk") && (mailbox === undefined || mailbox === "Indésirables"),
    wasSeen: () => false,
    findScript: () => undefined,
    ...given,
  };
}

/** What a file of tests written in Sieve said: `test "name" { … test_fail "why"; }`, with `test_set` to change the message. */
export interface SieveSuiteReport {
  readonly passed: string[];
  readonly failed: { readonly test: string; readonly reason: string }[];
}

/** Runs a file of tests written in Sieve, in the manner of other implementations' suites. */
export async function runSieveSuite(source: string, host: SieveHost = hostOf()): Promise<SieveSuiteReport> {
  const report: SieveSuiteReport = { passed: [], failed: [] };
  const state = { text: "Subject: nothing\n\nnothing\n", from: "", to: "" };
  let reason: string | undefined;

  const show = (machine: Machine): void => {
    const message = viewText(state.text, state);
    Object.assign(machine, { message, header: new HeaderEditor(message.headers, defaultSieveLimits.maxHeaderEdits) });
  };
  const testSet: CommandSpec = {
    compile(context, node) {
      const reader = new ArgumentReader(context, node);
      const what = reader.string("what").value;
      const value = reader.text("a value");
      reader.end();
      return (machine) => {
        const text = value.read(machine);
        if (what === "message") state.text = text;
        else if (what === "envelope.from") state.from = text;
        else if (what === "envelope.to") state.to = text;
        else throw new Error(`There is no ${what} to set`);
        show(machine);
        return undefined;
      };
    },
  };
  const testFail: CommandSpec = {
    compile(context, node) {
      const reader = new ArgumentReader(context, node);
      const text = reader.text("a reason");
      reader.end();
      return (machine) => {
        reason = `line ${node.position.line}: ${text.read(machine)}`;
        return "stop";
      };
    },
  };
  const testBlock: CommandSpec = {
    takesBlock: true,
    compile(context, node) {
      const reader = new ArgumentReader(context, node);
      const name = reader.string("a name").value;
      reader.end();
      const steps = context.block(node.block ?? []);
      return async () => {
        const machine = new Machine(viewText(state.text, state), host, defaultSieveLimits, name);
        reason = undefined;
        try {
          await runSteps(steps, machine);
        } catch (error) {
          reason = String(error);
        }
        if (reason === undefined) report.passed.push(name);
        else report.failed.push({ test: name, reason });
        await setImmediate();
        return undefined;
      };
    },
  };
  const dialect: SieveDialect = {
    capabilities: ["testsuite"],
    commands: { test: testBlock, test_set: testSet, test_fail: testFail },
    tests: {},
  };
  const program = compileScript(source, dialect);
  await runSteps(program.steps, new Machine(viewText(state.text), host, { ...defaultSieveLimits, maxSteps: 1e9 }, ""));
  return report;
}
