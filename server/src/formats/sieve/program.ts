import type { Machine } from "./machine.ts";

/** What goes on after a command: the next one, or not. `return` ends an included script only (RFC 6609 section 3.3). */
export type Flow = undefined | "stop" | "return";

export type Step = (machine: Machine) => Flow | Promise<Flow>;
export type Test = (machine: Machine) => boolean | Promise<boolean>;

/** A script that is ready to be run, as often as wanted. */
export interface Program {
  readonly steps: readonly Step[];
  readonly capabilities: ReadonlySet<string>;
}

export async function runSteps(steps: readonly Step[], machine: Machine): Promise<Flow> {
  for (const step of steps) {
    machine.spend(1);
    if (machine.isTurnOver()) await machine.yieldTurn();
    const flow = step(machine);
    const next = flow instanceof Promise ? await flow : flow;
    if (next !== undefined) return next;
  }
  return undefined;
}
