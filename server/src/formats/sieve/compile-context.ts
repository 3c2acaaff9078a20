import type { CommandNode, StringArgument, TestNode } from "./ast.ts";
import type { Step, Test } from "./machine.ts";
import { type Position, SieveError } from "./sieve-error.ts";
import { compileText, type Text, type TextFeatures } from "./text.ts";

/** How a command is checked and made ready. */
export interface CommandSpec {
  /** Extensions of which one must be required. */
  readonly needs?: readonly string[];
  /** True: the command is followed by a block. */
  readonly takesBlock?: boolean;
  compile(context: CompileContext, node: CommandNode): Step | null;
}

export interface TestSpec {
  readonly needs?: readonly string[];
  compile(context: CompileContext, node: TestNode): Test;
}

/** What is known while one script is compiled. */
export class CompileContext implements TextFeatures {
  readonly required = new Set<string>();
  readonly errors: SieveError[] = [];
  readonly #known: (name: string) => boolean;
  readonly #compileBlock: (context: CompileContext, nodes: readonly CommandNode[]) => Step[];
  readonly #compileTest: (context: CompileContext, node: TestNode) => Test;

  constructor(
    known: (name: string) => boolean,
    compileBlock: (context: CompileContext, nodes: readonly CommandNode[]) => Step[],
    compileTest: (context: CompileContext, node: TestNode) => Test,
  ) {
    this.#known = known;
    this.#compileBlock = compileBlock;
    this.#compileTest = compileTest;
  }

  get hasVariables(): boolean {
    return this.required.has("variables");
  }

  get hasEncodedCharacters(): boolean {
    return this.required.has("encoded-character");
  }

  get hasInclude(): boolean {
    return this.required.has("include");
  }

  isKnown(capability: string): boolean {
    return this.#known(capability);
  }

  has(capability: string): boolean {
    return this.required.has(capability);
  }

  /** @throws SieveError when none of the extensions was required */
  need(what: string, capabilities: readonly string[], position: Position): void {
    if (capabilities.length === 0 || capabilities.some((each) => this.required.has(each))) return;
    throw new SieveError(`${what} needs “require "${capabilities[0]}";”`, position);
  }

  text(argument: StringArgument): Text {
    return compileText(argument, this);
  }

  /** Errors in the block are noted; the rest is compiled to find others. */
  block(nodes: readonly CommandNode[]): Step[] {
    return this.#compileBlock(this, nodes);
  }

  /** @throws SieveError */
  test(node: TestNode): Test {
    return this.#compileTest(this, node);
  }
}

/** @throws SieveError unless the command ends with a semicolon and has no test */
export function requireNoTests(node: TestNode): void {
  if (node.tests.length > 0) throw new SieveError(`${node.name} takes no test`, node.tests[0]!.position);
}
