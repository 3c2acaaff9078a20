import type { SieveAction, SieveResult } from "./actions.ts";
import { SieveSyntaxErrors } from "./compile-script.ts";
import { defaultSieveLimits, type SieveLimits } from "./limits.ts";
import type { Program, SieveHost } from "./machine.ts";
import { Machine } from "./machine.ts";
import type { MessageView } from "./message-view.ts";
import { runSteps } from "./run-steps.ts";
import { SieveError } from "./sieve-error.ts";

/**
 * Runs a script over a message and tells what it asks for; nothing is done. A script that fails, or that uses up its budget, asks for
 * an implicit keep (RFC 5228 section 2.10.6).
 * @param name of the script, for reports and for scripts that include themselves
 * @throws what the host throws, SieveError excepted
 */
export async function runScript(
  program: Program,
  name: string,
  message: MessageView,
  host: SieveHost,
  limits: SieveLimits = defaultSieveLimits,
): Promise<SieveResult> {
  const machine = new Machine(message, host, limits, name);
  machine.including.push(`personal ${name}`);
  try {
    await runSteps(program.steps, machine);
  } catch (error) {
    const failure = asSieveError(error, machine);
    if (!failure) throw error;
    return {
      actions: [{ kind: "keep", flags: [], editedHeader: undefined }],
      seenIds: [],
      failure: { message: failure.message, position: failure.position, script: machine.scope.script },
    };
  }
  const actions: SieveAction[] = [...machine.actions];
  if (machine.keepsImplicitly) actions.push(machine.implicitKeep());
  return { actions, seenIds: machine.seenIds, failure: undefined };
}

/** A script to include that does not compile fails the one that includes it. */
function asSieveError(error: unknown, machine: Machine): SieveError | undefined {
  if (error instanceof SieveError) return error;
  if (!(error instanceof SieveSyntaxErrors)) return undefined;
  return new SieveError(`A script that is included cannot be used: ${error.message}`, machine.position);
}
