import type { Argument, CommandNode, StringArgument, TestNode } from "./ast.ts";
import { Lexer, type Token } from "./lexer.ts";
import { SieveError } from "./sieve-error.ts";

/** Blocks in blocks, and tests in tests: a deeper script is refused before it can exhaust the stack. */
const maxNesting = 32;

/**
 * Reads the grammar of RFC 5228 section 8.2.
 * @throws SieveError
 */
export function parseScript(text: string): CommandNode[] {
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    const line = text.slice(0, nul).split("\n").length;
    throw new SieveError("A script has no NUL", { line, column: nul - text.lastIndexOf("\n", nul), offset: nul });
  }
  return new Parser(text.startsWith("\ufeff") ? text.slice(1) : text).run();
}

class Parser {
  readonly #lexer: Lexer;
  #token: Token;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  run(): CommandNode[] {
    const commands = this.#commands(0);
    if (this.#token.kind !== "end") throw this.#unexpected("a command");
    return commands;
  }

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }

  #is(punctuation: string): boolean {
    return this.#token.kind === "punctuation" && this.#token.text === punctuation;
  }

  #expect(punctuation: string, what: string): void {
    if (!this.#is(punctuation)) throw this.#unexpected(what);
    this.#advance();
  }

  #unexpected(wanted: string): SieveError {
    const { kind, text, position } = this.#token;
    const found = kind === "end" ? "the end of the script" : kind === "string" ? "a string" : `“${text.slice(0, 40)}”`;
    return new SieveError(`Expected ${wanted}, found ${found}`, position);
  }

  #commands(depth: number): CommandNode[] {
    const commands: CommandNode[] = [];
    while (this.#token.kind === "identifier") commands.push(this.#command(depth));
    return commands;
  }

  #command(depth: number): CommandNode {
    const { text: name, position, comments } = this.#advance();
    const given = this.#arguments(0);
    if (this.#is(";")) {
      this.#advance();
      return { name, position, comments, ...given, block: null };
    }
    if (!this.#is("{")) throw this.#unexpected("“;” or a block");
    if (depth >= maxNesting) throw new SieveError(`Blocks are nested at most ${maxNesting} deep`, this.#token.position);
    this.#advance();
    const block = this.#commands(depth + 1);
    this.#expect("}", "a command or “}”");
    return { name, position, comments, ...given, block };
  }

  #arguments(depth: number): Pick<TestNode, "args" | "tests" | "isTestList"> {
    const args: Argument[] = [];
    for (let argument = this.#argument(); argument; argument = this.#argument()) args.push(argument);
    if (this.#token.kind === "identifier") return { args, tests: [this.#test(depth)], isTestList: false };
    if (!this.#is("(")) return { args, tests: [], isTestList: false };
    this.#advance();
    const tests = [this.#test(depth)];
    while (this.#is(",")) {
      this.#advance();
      tests.push(this.#test(depth));
    }
    this.#expect(")", "“,” or “)”");
    return { args, tests, isTestList: true };
  }

  #test(depth: number): TestNode {
    if (this.#token.kind !== "identifier") throw this.#unexpected("a test");
    if (depth >= maxNesting) throw new SieveError(`Tests are nested at most ${maxNesting} deep`, this.#token.position);
    const { text: name, position } = this.#advance();
    return { name, position, ...this.#arguments(depth + 1) };
  }

  #argument(): Argument | null {
    const { kind, text, number, position } = this.#token;
    if (kind === "string") {
      this.#advance();
      return { kind, value: text, position };
    }
    if (kind === "number") {
      this.#advance();
      return { kind, value: number, position };
    }
    if (kind === "tag") {
      this.#advance();
      return { kind, name: text, position };
    }
    if (!this.#is("[")) return null;
    this.#advance();
    const items: StringArgument[] = [];
    for (;;) {
      if (this.#token.kind !== "string") throw this.#unexpected("a string");
      items.push({ kind: "string", value: this.#token.text, position: this.#token.position });
      this.#advance();
      if (!this.#is(",")) break;
      this.#advance();
    }
    this.#expect("]", "“,” or “]”");
    return { kind: "list", items, position };
  }
}
