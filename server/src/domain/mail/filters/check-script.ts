import { createHash } from "node:crypto";
import { compileScript, SieveSyntaxErrors } from "../../../formats/sieve/compile-script.ts";
import type { Program } from "../../../formats/sieve/machine.ts";
import { DomainError } from "../../errors.ts";
import { scriptQuota } from "./sieve-script.ts";

/** Where a script is wrong; lines and columns count from 1. */
export interface ScriptFault {
  line: number;
  column: number;
  message: string;
}

/**
 * @throws DomainError `invalid` with `data.faults`, a list of ScriptFault; `too_large`
 */
export function checkScript(content: string): Program {
  if (Buffer.byteLength(content) > scriptQuota.bytesOfOne) {
    throw new DomainError("too_large", `A script has at most ${scriptQuota.bytesOfOne} bytes`);
  }
  try {
    return compileScript(content);
  } catch (error) {
    if (!(error instanceof SieveSyntaxErrors)) throw error;
    const faults = error.errors.map(
      ({ position, message }): ScriptFault => ({ line: position.line, column: position.column, message }),
    );
    throw new DomainError("invalid", error.message, { data: { faults } });
  }
}

const compiled = new Map<string, Program>();
const mostCompiled = 500;

/** The same for a script that is run for message after message: the last few hundred are kept ready. */
export function compileCached(content: string): Program {
  const key = createHash("sha256").update(content).digest("base64");
  const known = compiled.get(key);
  if (known) compiled.delete(key);
  const program = known ?? compileScript(content);
  compiled.set(key, program);
  if (compiled.size > mostCompiled) compiled.delete(compiled.keys().next().value!);
  return program;
}
