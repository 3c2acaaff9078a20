import { ArgumentReader, stringsOf } from "../argument-reader.ts";
import { impliedCapabilities } from "../capabilities.ts";
import { type CommandSpec, requireNoTests } from "../compile-context.ts";
import { readFlags } from "../flag-list.ts";
import { SieveError } from "../sieve-error.ts";

/** RFC 5228 section 3.2: `compileScript` sees to it that it comes before all else. */
export const require: CommandSpec = {
  compile(context, node) {
    const [names, more] = node.args;
    if (!names || (names.kind !== "string" && names.kind !== "list")) {
      throw new SieveError("require needs the names of extensions", names?.position ?? node.position);
    }
    if (more) throw new SieveError("require has an argument too many", more.position);
    requireNoTests(node);
    if (node.block) throw new SieveError("require takes no block", node.position);
    for (const { value, position } of stringsOf(names)) {
      if (!context.isKnown(value)) {
        context.errors.push(new SieveError(`The extension “${value.slice(0, 100)}” is not supported`, position));
        continue;
      }
      context.required.add(value);
      for (const implied of impliedCapabilities[value] ?? []) context.required.add(implied);
    }
    return null;
  },
};

export const stop: CommandSpec = {
  compile(context, node) {
    new ArgumentReader(context, node).end();
    return () => "stop";
  },
};

export const keep: CommandSpec = {
  compile(context, node) {
    const reader = new ArgumentReader(context, node, { ":flags": { value: "strings", needs: ["imap4flags"] } });
    reader.end();
    const flags = reader.tagTexts(":flags");
    return (machine) => {
      const kept = machine.implicitKeep();
      machine.addAction(
        { ...kept, ...(flags && { flags: readFlags(flags.map((each) => each.read(machine))) }) },
        node.position,
      );
      machine.keepsImplicitly = false;
      return undefined;
    };
  },
};

export const discard: CommandSpec = {
  compile(context, node) {
    new ArgumentReader(context, node).end();
    return (machine) => {
      machine.addAction({ kind: "discard" }, node.position);
      machine.keepsImplicitly = false;
      return undefined;
    };
  },
};
