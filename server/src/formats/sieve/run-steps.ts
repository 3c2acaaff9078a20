import type { Flow, Machine, Step } from "./machine.ts";

/** Runs one command after the other, until one says that no more is to be done. */
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
