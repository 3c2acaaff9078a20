import { setImmediate } from "node:timers/promises";
import type { KeepAction, SeenId, SieveAction } from "./actions.ts";
import type { Comparator } from "./comparators.ts";
import { HeaderEditor } from "./header-editor.ts";
import type { SieveLimits } from "./limits.ts";
import type { MessageView } from "./message-view.ts";
import { type Position, SieveError } from "./sieve-error.ts";

/** What goes on after a command: the next one, or not. `return` ends an included script only (RFC 6609 section 3.3). */
export type Flow = undefined | "stop" | "return";

export type Step = (machine: Machine) => Flow | Promise<Flow>;
export type Test = (machine: Machine) => boolean | Promise<boolean>;

/** A script that is ready to be run, as often as wanted. */
export interface Program {
  readonly steps: readonly Step[];
  readonly capabilities: ReadonlySet<string>;
}

/** What a script asks of the world outside its message. */
export interface SieveHost {
  readonly now: Date;
  /** IANA name of the owner's time zone. */
  readonly timeZone: string;
  /** Exists and messages may be put in it (RFC 5490 section 3.1). */
  mailboxExists(name: string): boolean | Promise<boolean>;
  /** By the id of RFC 8474 (RFC 9042 section 5). */
  mailboxIdExists(id: string): boolean | Promise<boolean>;
  /** Of one mailbox, or of any of the account (RFC 8579 section 4). */
  specialUseExists(mailbox: string | undefined, attributes: readonly string[]): boolean | Promise<boolean>;
  /** Whether an id of `duplicate` was seen and is not forgotten yet. */
  wasSeen(id: string): boolean | Promise<boolean>;
  /** A script to include: undefined when there is none of the name. @throws SieveError when it does not compile */
  findScript(place: "personal" | "global", name: string): Program | undefined | Promise<Program | undefined>;
}

/** Others want their turn of the event loop. */
const turnMs = 10;

/** Variables of one script (RFC 6609 section 3.4: an included script has its own). */
export interface Scope {
  readonly script: string;
  readonly variables: Map<string, string>;
  /** Names that mean the variables of all scripts. */
  readonly globals: Set<string>;
  /** `${0}`, `${1}`… */
  matches: readonly string[];
}

export function newScope(script: string): Scope {
  return { script, variables: new Map(), globals: new Set(), matches: [] };
}

/** One run over one message: what the script has used, remembered and asked for. */
export class Machine {
  readonly message: MessageView;
  readonly host: SieveHost;
  readonly limits: SieveLimits;
  readonly header: HeaderEditor;
  readonly actions: SieveAction[] = [];
  readonly seenIds: SeenId[] = [];
  readonly globals = new Map<string, string>();
  /** Scripts that `include :once` would not take again, by place and name. */
  readonly included = new Set<string>();
  /** Scripts being run, the innermost last, by place and name. */
  readonly including: string[] = [];
  includedScripts = 0;
  scope: Scope;
  /** The internal variable of RFC 5232 section 2. */
  flags: readonly string[] = [];
  keepsImplicitly = true;
  /** Where the script is, for what fails. */
  position: Position = { line: 1, column: 1, offset: 0 };
  readonly #folds = new Map<Comparator, Map<string, string>>();
  #stepsLeft: number;
  #turnBegan = performance.now();

  constructor(message: MessageView, host: SieveHost, limits: SieveLimits, script: string) {
    this.message = message;
    this.host = host;
    this.limits = limits;
    this.scope = newScope(script);
    this.header = new HeaderEditor(message.headers, limits.maxHeaderEdits);
    this.#stepsLeft = limits.maxSteps;
  }

  /** @throws SieveError when the budget of the run is used up */
  readonly spend = (steps: number): void => {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw this.failure("The script takes too long");
  };

  /** Of the message with the header that the script has made, in octets. */
  get size(): number {
    return this.message.size + this.header.sizeChange;
  }

  /** Counts the work of one comparison, which must also stay below a limit of its own. */
  meter(): (steps: number) => void {
    let left = this.limits.maxStepsOfMatch;
    return (steps) => {
      left -= steps;
      if (left < 0) throw this.failure("A comparison takes too long");
      this.spend(steps);
    };
  }

  /** The form of a text that is compared. Bodies are looked at by many tests: those of this run are folded once. */
  fold(comparator: Comparator, text: string): string {
    if (text.length < 2_000) return comparator.key(text);
    const folds = this.#folds.get(comparator) ?? new Map<string, string>();
    this.#folds.set(comparator, folds);
    const known = folds.get(text);
    if (known !== undefined) return known;
    this.spend(text.length / 50);
    const folded = comparator.key(text);
    if (folds.size < 16) folds.set(text, folded);
    return folded;
  }

  isTurnOver(): boolean {
    return performance.now() - this.#turnBegan > turnMs;
  }

  async yieldTurn(): Promise<void> {
    await setImmediate();
    this.#turnBegan = performance.now();
  }

  failure(message: string, position: Position = this.position): SieveError {
    return new SieveError(message, position);
  }

  /** @throws SieveError for too many, or for one that contradicts another */
  addAction(action: SieveAction, position: Position): void {
    if (this.actions.length >= this.limits.maxActions) throw this.failure("The script does too many things", position);
    const count = (kind: SieveAction["kind"]): number => this.actions.filter((each) => each.kind === kind).length;
    if (action.kind === "redirect") {
      if (this.actions.some((each) => each.kind === "redirect" && sameAddress(each.address, action.address))) return;
      if (count("redirect") >= this.limits.maxRedirects) {
        throw this.failure(`A message is redirected at most ${this.limits.maxRedirects} times`, position);
      }
    }
    if (action.kind === "notify" && count("notify") >= this.limits.maxNotifications) {
      throw this.failure(`A message causes at most ${this.limits.maxNotifications} notifications`, position);
    }
    // RFC 5230 section 4.7, RFC 5429 section 2.4.
    if (action.kind === "vacation" && count("vacation") > 0) throw this.failure("vacation is used twice", position);
    const refuses = action.kind === "reject";
    const contradicts = this.actions.find((each) =>
      refuses
        ? each.kind !== "discard" && each.kind !== "notify"
        : each.kind === "reject" && action.kind !== "discard" && action.kind !== "notify",
    );
    if (contradicts) throw this.failure(`${action.kind} cannot be used after ${contradicts.kind}`, position);
    this.actions.push(action);
  }

  implicitKeep(): KeepAction {
    return { kind: "keep", flags: this.flags, editedHeader: this.header.snapshot() };
  }

  getVariable(name: string): string {
    if (name.startsWith("global.")) return this.globals.get(name.slice(7)) ?? "";
    return (this.scope.globals.has(name) ? this.globals : this.scope.variables).get(name) ?? "";
  }

  /** @throws SieveError for too many */
  setVariable(name: string, value: string): void {
    const isGlobal = name.startsWith("global.") || this.scope.globals.has(name);
    const variables = isGlobal ? this.globals : this.scope.variables;
    const key = name.startsWith("global.") ? name.slice(7) : name;
    if (!variables.has(key) && variables.size >= this.limits.maxVariables) {
      throw this.failure(`A script has at most ${this.limits.maxVariables} variables`);
    }
    variables.set(key, this.cut(value));
  }

  /** What is too long is cut, not refused (RFC 5229 section 3). */
  cut(value: string): string {
    if (value.length <= this.limits.maxVariableLength) return value;
    const cut = value.slice(0, this.limits.maxVariableLength);
    return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
  }
}

function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
