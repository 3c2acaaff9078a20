import { ArgumentReader } from "../argument-reader.ts";
import type { TestSpec } from "../compile-context.ts";
import { readFlags } from "../flag-list.ts";
import { matchTags, readMatcher } from "../matcher.ts";
import { SieveError } from "../sieve-error.ts";
import { checkVariableName } from "../text.ts";

/** RFC 5229 section 5. `:count` counts what is not empty. */
export const string: TestSpec = {
  needs: ["variables"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, matchTags);
    const sources = reader.texts("the strings to look at");
    const keys = reader.texts("what to look for");
    reader.end();
    const matcher = readMatcher(context, reader, keys);
    return (machine) => {
      const values = sources.map((each) => each.read(machine));
      return matcher.match(machine, matcher.isCount ? values.filter((value) => value !== "") : values);
    };
  },
};

/** RFC 5232 section 4: looks at the internal variable, or at those named. */
export const hasflag: TestSpec = {
  needs: ["imap4flags"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, matchTags);
    const variables = reader.left > 1 ? reader.texts("names of variables") : undefined;
    const keys = reader.texts("flags");
    reader.end();
    if (variables && !context.hasVariables) {
      throw new SieveError('hasflag with a variable needs “require "variables";”', node.position);
    }
    const names = variables?.map(({ constant, position }) => {
      if (constant === undefined) throw new SieveError("The name of a variable holds no variable", position);
      return checkVariableName(constant, position, context);
    });
    const tag = reader.inGroup("match")?.name ?? ":is";
    const matcher = readMatcher(context, reader, keys);
    return (machine) => {
      const flags = names ? readFlags(names.map((name) => machine.getVariable(name))) : machine.flags;
      if (tag !== ":is" && tag !== ":contains") return matcher.match(machine, flags);
      // A string that lists several flags asks for any of them.
      return (
        matcher.match(machine, flags) ||
        hasAny(
          flags,
          keys.map((key) => key.read(machine)),
          tag === ":is",
        )
      );
    };
  },
};

function hasAny(flags: readonly string[], keys: readonly string[], isExact: boolean): boolean {
  const several = keys.filter((key) => /\S\s+\S|^\s|\s$/.test(key));
  const wanted = readFlags(several).map((flag) => flag.toLowerCase());
  return flags.some((flag) =>
    wanted.some((key) => (isExact ? flag.toLowerCase() === key : flag.toLowerCase().includes(key))),
  );
}
