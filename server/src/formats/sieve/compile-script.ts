import type { CommandNode, TestNode } from "./ast.ts";
import { isCapability } from "./capabilities.ts";
import * as control from "./commands/control-commands.ts";
import * as deliver from "./commands/deliver-commands.ts";
import * as flagging from "./commands/flag-commands.ts";
import { addheader, deleteheader } from "./commands/header-commands.ts";
import * as including from "./commands/include-commands.ts";
import { notify, notifyTests } from "./commands/notify-command.ts";
import { vacation } from "./commands/vacation-command.ts";
import { set } from "./commands/variable-commands.ts";
import { type CommandSpec, CompileContext, type TestSpec } from "./compile-context.ts";
import { defaultSieveLimits } from "./limits.ts";
import type { Program, Step, Test } from "./machine.ts";
import { parseScript } from "./parse-script.ts";
import { runSteps } from "./run-steps.ts";
import { SieveError } from "./sieve-error.ts";
import { baseTests } from "./tests/base-tests.ts";
import { body } from "./tests/body.ts";
import { dateTests } from "./tests/date-tests.ts";
import { duplicate } from "./tests/duplicate.ts";
import { mailboxTests } from "./tests/mailbox-tests.ts";
import { hasflag, string } from "./tests/variable-tests.ts";

const commands: Readonly<Record<string, CommandSpec>> = {
  require: control.require,
  stop: control.stop,
  keep: control.keep,
  discard: control.discard,
  fileinto: deliver.fileinto,
  redirect: deliver.redirect,
  reject: deliver.rejectCommand,
  ereject: deliver.erejectCommand,
  setflag: flagging.setflag,
  addflag: flagging.addflag,
  removeflag: flagging.removeflag,
  set,
  addheader,
  deleteheader,
  vacation,
  notify,
  include: including.include,
  return: including.returnCommand,
  global: including.global,
};

const tests: Readonly<Record<string, TestSpec>> = {
  ...baseTests,
  ...dateTests,
  ...mailboxTests,
  ...notifyTests,
  body,
  duplicate,
  string,
  hasflag,
};

/** Commands, tests and capabilities beside those of the RFCs: for a suite of tests written in Sieve. */
export interface SieveDialect {
  readonly capabilities: readonly string[];
  readonly commands: Readonly<Record<string, CommandSpec>>;
  readonly tests: Readonly<Record<string, TestSpec>>;
}

/** Where a script breaks the rules, in the order of the script. At least one. */
export class SieveSyntaxErrors extends Error {
  override readonly name = "SieveSyntaxErrors";
  readonly errors: readonly SieveError[];

  constructor(errors: readonly SieveError[]) {
    super(errors.map(({ position, message }) => `line ${position.line}: ${message}`).join("\n"));
    this.errors = errors;
  }
}

const maxErrors = 20;

/**
 * Reads and checks a script (RFC 5228 section 2.10): an unknown command, test, argument or extension is an error.
 * @throws SieveSyntaxErrors
 */
export function compileScript(text: string, dialect?: SieveDialect): Program {
  try {
    if (Buffer.byteLength(text) > defaultSieveLimits.maxScriptBytes) {
      throw new SieveError(`A script has at most ${defaultSieveLimits.maxScriptBytes} octets`, start);
    }
    const nodes = parseScript(text);
    const specs = { ...commands, ...dialect?.commands };
    const testSpecs = { ...tests, ...dialect?.tests };
    const context = new CompileContext(
      (name) => isCapability(name) || dialect?.capabilities.includes(name) === true,
      (inner, block) => compileBlock(inner, block, specs, false),
      (inner, node) => compileTest(inner, node, testSpecs),
    );
    const steps = compileBlock(context, nodes, specs, true);
    if (context.errors.length > 0) throw new SieveSyntaxErrors(context.errors.slice(0, maxErrors));
    return { steps, capabilities: context.required };
  } catch (error) {
    throw error instanceof SieveError ? new SieveSyntaxErrors([error]) : error;
  }
}

const start = { line: 1, column: 1, offset: 0 };

type Specs<T> = Readonly<Record<string, T>>;

function find<T>(specs: Specs<T>, name: string): T | undefined {
  return Object.hasOwn(specs, name) ? specs[name] : undefined;
}

function compileBlock(
  context: CompileContext,
  nodes: readonly CommandNode[],
  specs: Specs<CommandSpec>,
  isTop: boolean,
): Step[] {
  const steps: Step[] = [];
  let mayRequire = isTop;
  for (let at = 0; at < nodes.length && context.errors.length < maxErrors; at++) {
    const node = nodes[at]!;
    try {
      if (node.name === "require" && !mayRequire) {
        throw new SieveError("require comes before all other commands", node.position);
      }
      mayRequire &&= node.name === "require";
      if (node.name === "if") {
        let end = at + 1;
        while (nodes[end]?.name === "elsif") end++;
        if (nodes[end]?.name === "else") end++;
        const branches = nodes.slice(at, end);
        at = end - 1;
        steps.push(compileIf(context, branches));
        continue;
      }
      const step = compileCommand(context, node, specs);
      if (step) steps.push(step);
    } catch (error) {
      if (!(error instanceof SieveError)) throw error;
      context.errors.push(error);
    }
  }
  return steps;
}

function compileCommand(context: CompileContext, node: CommandNode, specs: Specs<CommandSpec>): Step | null {
  if (node.name === "elsif" || node.name === "else") {
    throw new SieveError(`${node.name} without if`, node.position);
  }
  const spec = find(specs, node.name);
  if (!spec) {
    const isTest = find(tests, node.name) !== undefined;
    const text = isTest
      ? `${node.name} is a test: it comes after if`
      : `There is no command “${node.name.slice(0, 40)}”`;
    throw new SieveError(text, node.position);
  }
  context.need(node.name, spec.needs ?? [], node.position);
  if (node.block && spec.takesBlock !== true) throw new SieveError(`${node.name} takes no block`, node.position);
  const step = spec.compile(context, node);
  if (!step) return null;
  return (machine) => {
    machine.position = node.position;
    return step(machine);
  };
}

/** `if`, `elsif` and `else` that belong together (RFC 5228 section 3.1). */
function compileIf(context: CompileContext, nodes: readonly CommandNode[]): Step {
  const branches = nodes.map((node): { test: Test | null; steps: Step[]; node: CommandNode } => {
    const given = node.args[0];
    if (given) throw new SieveError(`${node.name} takes only a test`, given.position);
    if (!node.block) throw new SieveError(`${node.name} needs a block`, node.position);
    const [test] = node.tests;
    if (node.isTestList || (node.name === "else") === (test !== undefined)) {
      throw new SieveError(node.name === "else" ? "else takes no test" : `${node.name} needs one test`, node.position);
    }
    let compiled: Test | null = null;
    try {
      compiled = test ? context.test(test) : null;
    } catch (error) {
      if (!(error instanceof SieveError)) throw error;
      context.errors.push(error);
    }
    return { test: compiled, steps: context.block(node.block), node };
  });
  return async (machine) => {
    for (const { test, steps, node } of branches) {
      machine.position = node.position;
      machine.spend(1);
      if (!test) return runSteps(steps, machine);
      const found = test(machine);
      if (found instanceof Promise ? await found : found) return runSteps(steps, machine);
    }
    return undefined;
  };
}

function compileTest(context: CompileContext, node: TestNode, specs: Specs<TestSpec>): Test {
  const spec = find(specs, node.name);
  if (!spec) throw new SieveError(`There is no test “${node.name.slice(0, 40)}”`, node.position);
  context.need(node.name, spec.needs ?? [], node.position);
  const test = spec.compile(context, node);
  return (machine) => {
    machine.position = node.position;
    return test(machine);
  };
}
