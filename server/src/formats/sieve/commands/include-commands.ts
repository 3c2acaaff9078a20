import { ArgumentReader } from "../argument-reader.ts";
import type { CommandSpec } from "../compile-context.ts";
import { newScope } from "../machine.ts";
import { runSteps } from "../run-steps.ts";
import { SieveError } from "../sieve-error.ts";
import { checkVariableName } from "../text.ts";

/** RFC 6609 section 3.2. */
export const include: CommandSpec = {
  needs: ["include"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, {
      ":personal": { group: "place" },
      ":global": { group: "place" },
      ":once": {},
      ":optional": {},
    });
    const name = reader.text("the name of a script");
    reader.end();
    if (name.constant === undefined) throw new SieveError("The name of a script holds no variable", name.position);
    const script = name.constant;
    const place = reader.has(":global") ? "global" : "personal";
    const key = `${place} ${script}`;
    return async (machine) => {
      if (reader.has(":once") && machine.included.has(key)) return undefined;
      if (machine.including.includes(key) || machine.including.length >= machine.limits.maxIncludeDepth) {
        throw machine.failure(`The script “${script}” includes itself, or too many others`, node.position);
      }
      if (++machine.includedScripts > machine.limits.maxIncludedScripts) {
        throw machine.failure("Too many scripts are included", node.position);
      }
      const program = await machine.host.findScript(place, script);
      if (!program) {
        if (reader.has(":optional")) return undefined;
        throw machine.failure(`There is no script “${script}” to include`, node.position);
      }
      machine.included.add(key);
      machine.including.push(key);
      const outer = machine.scope;
      machine.scope = newScope(script);
      const flow = await runSteps(program.steps, machine);
      machine.scope = outer;
      machine.including.pop();
      return flow === "stop" ? "stop" : undefined;
    };
  },
};

/** RFC 6609 section 3.3: outside of an included script it is `stop`. */
export const returnCommand: CommandSpec = {
  needs: ["include"],
  compile(context, node) {
    new ArgumentReader(context, node).end();
    return () => "return";
  },
};

/** RFC 6609 section 3.4.1. */
export const global: CommandSpec = {
  needs: ["include"],
  compile(context, node) {
    context.need("global", ["variables"], node.position);
    const reader = new ArgumentReader(context, node);
    const names = reader.texts("names of variables").map(({ constant, position }) => {
      if (constant === undefined || constant.includes(".")) {
        throw new SieveError("This is not the name of a variable", position);
      }
      return checkVariableName(constant, position, context);
    });
    reader.end();
    return (machine) => {
      for (const each of names) machine.scope.globals.add(each);
      return undefined;
    };
  },
};
