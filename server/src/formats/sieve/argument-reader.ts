import type { Argument, StringArgument, TestNode } from "./ast.ts";
import type { CompileContext } from "./compile-context.ts";
import { type Position, SieveError } from "./sieve-error.ts";
import type { Text } from "./text.ts";

export interface TagSpec {
  /** What follows the tag. */
  readonly value?: "string" | "strings" | "number";
  /** Extensions of which one must be required. */
  readonly needs?: readonly string[];
  /** Only one tag of a group is possible. */
  readonly group?: string;
}

export type TagSpecs = Readonly<Record<string, TagSpec>>;

export interface GivenTag {
  readonly name: string;
  readonly position: Position;
  readonly value: Argument | undefined;
}

/** Reads the arguments of one command or test: tags in any order, then what has a place (RFC 5228 section 2.6.2). */
export class ArgumentReader {
  readonly #context: CompileContext;
  readonly #node: TestNode;
  readonly #tags = new Map<string, GivenTag>();
  readonly #groups = new Map<string, GivenTag>();
  #positional: Argument[] = [];
  #next = 0;

  /** @throws SieveError for a tag that is unknown here, given twice or without its value */
  constructor(context: CompileContext, node: TestNode, specs: TagSpecs = {}) {
    this.#context = context;
    this.#node = node;
    const { args } = node;
    let at = 0;
    for (let argument = args[at]; argument?.kind === "tag"; argument = args[at]) {
      const spec = Object.hasOwn(specs, argument.name) ? specs[argument.name] : undefined;
      if (!spec) throw new SieveError(`${node.name} has no tag ${argument.name}`, argument.position);
      context.need(argument.name, spec.needs ?? [], argument.position);
      at++;
      let value: Argument | undefined;
      if (spec.value) {
        value = args[at++];
        if (!fits(value, spec.value)) {
          throw new SieveError(`${argument.name} needs ${names[spec.value]}`, value?.position ?? argument.position);
        }
      }
      this.#addTag({ name: argument.name, position: argument.position, value }, spec.group);
    }
    this.#positional = args.slice(at);
    const late = this.#positional.find((each) => each.kind === "tag");
    if (late) throw new SieveError("Tags come before the other arguments", late.position);
  }

  #addTag(tag: GivenTag, group: string | undefined): void {
    if (this.#tags.has(tag.name)) throw new SieveError(`${tag.name} is given twice`, tag.position);
    this.#tags.set(tag.name, tag);
    if (group === undefined) return;
    const other = this.#groups.get(group);
    if (other) throw new SieveError(`${tag.name} cannot be used with ${other.name}`, tag.position);
    this.#groups.set(group, tag);
  }

  get position(): Position {
    return this.#node.position;
  }

  has(tag: string): boolean {
    return this.#tags.has(tag);
  }

  tag(name: string): GivenTag | undefined {
    return this.#tags.get(name);
  }

  /** The one tag of a group that is given. */
  inGroup(group: string): GivenTag | undefined {
    return this.#groups.get(group);
  }

  tagText(name: string): Text | undefined {
    const value = this.#tags.get(name)?.value;
    return value?.kind === "string" ? this.#context.text(value) : undefined;
  }

  tagTexts(name: string): Text[] | undefined {
    const value = this.#tags.get(name)?.value;
    return value && stringsOf(value).map((each) => this.#context.text(each));
  }

  tagNumber(name: string): { value: number; position: Position } | undefined {
    const value = this.#tags.get(name)?.value;
    return value?.kind === "number" ? value : undefined;
  }

  /** Arguments with a place that are not read yet. */
  get left(): number {
    return this.#positional.length - this.#next;
  }

  text(what: string): Text {
    return this.#context.text(this.string(what));
  }

  /** As it is written. */
  string(what: string): StringArgument {
    const argument = this.#positional[this.#next++];
    if (argument?.kind !== "string") throw this.#missing(argument, `a string: ${what}`);
    return argument;
  }

  texts(what: string): Text[] {
    const argument = this.#positional[this.#next++];
    if (!fits(argument, "strings")) throw this.#missing(argument, `a list of strings: ${what}`);
    return stringsOf(argument!).map((each) => this.#context.text(each));
  }

  number(what: string): number {
    const argument = this.#positional[this.#next++];
    if (argument?.kind !== "number") throw this.#missing(argument, `a number: ${what}`);
    return argument.value;
  }

  /** @throws SieveError for an argument too many, or a test */
  end(): void {
    const more = this.#positional[this.#next];
    if (more) throw new SieveError(`${this.#node.name} has an argument too many`, more.position);
    const test = this.#node.tests[0];
    if (test) throw new SieveError(takesNoTest(this.#node.name, test), test.position);
  }

  #missing(found: Argument | undefined, wanted: string): SieveError {
    return new SieveError(`${this.#node.name} needs ${wanted}`, found?.position ?? this.#node.position);
  }
}

/** Most often what was meant to be the next command. */
export function takesNoTest(name: string, test: { readonly name: string }): string {
  return `${name} takes no test: is a “;” missing before “${test.name}”?`;
}

const names = { string: "a string", strings: "a list of strings", number: "a number" } as const;

function fits(argument: Argument | undefined, wanted: keyof typeof names): boolean {
  if (argument === undefined) return false;
  if (wanted === "strings") return argument.kind === "string" || argument.kind === "list";
  return argument.kind === wanted;
}

export function stringsOf(argument: Argument): readonly StringArgument[] {
  if (argument.kind === "list") return argument.items;
  return argument.kind === "string" ? [argument] : [];
}
