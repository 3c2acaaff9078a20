import { ArgumentReader } from "../argument-reader.ts";
import type { CommandSpec } from "../compile-context.ts";
import { readFlags } from "../flag-list.ts";
import { SieveError } from "../sieve-error.ts";
import { checkVariableName } from "../text.ts";

type Change = (before: readonly string[], given: readonly string[]) => readonly string[];

/** RFC 5232 section 3: on the internal variable, or on one that is named. */
function flagCommand(change: Change): CommandSpec {
  return {
    needs: ["imap4flags"],
    compile(context, node) {
      const reader = new ArgumentReader(context, node);
      const variable = reader.left > 1 ? reader.text("the name of a variable") : undefined;
      const flags = reader.texts("flags");
      reader.end();
      if (variable && !context.hasVariables) {
        throw new SieveError(`${node.name} with a variable needs “require "variables";”`, variable.position);
      }
      if (variable && variable.constant === undefined) {
        throw new SieveError("The name of a variable holds no variable", variable.position);
      }
      const name = variable && checkVariableName(variable.constant!, variable.position, context);
      return (machine) => {
        const given = readFlags(flags.map((each) => each.read(machine)));
        if (name === undefined) machine.flags = change(machine.flags, given);
        else machine.setVariable(name, change(readFlags([machine.getVariable(name)]), given).join(" "));
        return undefined;
      };
    },
  };
}

export const setflag = flagCommand((_before, given) => given);
export const addflag = flagCommand((before, given) => readFlags([...before, ...given]));
export const removeflag = flagCommand((before, given) => {
  const gone = new Set(given.map((flag) => flag.toLowerCase()));
  return before.filter((flag) => !gone.has(flag.toLowerCase()));
});
