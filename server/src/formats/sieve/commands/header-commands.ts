import { ArgumentReader } from "../argument-reader.ts";
import type { CommandSpec } from "../compile-context.ts";
import { indexTags, readFieldIndex } from "../field-index.ts";
import { isFieldName } from "../field-names.ts";
import { checkFieldName } from "../header-names.ts";
import { matchTags, readMatcher } from "../matcher.ts";
import { SieveError } from "../sieve-error.ts";

const holdsNul = "A header field cannot hold the character NUL";

/** RFC 5293 section 4. */
export const addheader: CommandSpec = {
  needs: ["editheader"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, { ":last": {} });
    const name = reader.text("the name of a field");
    const value = reader.text("a value");
    reader.end();
    checkFieldName(name);
    // RFC 5293 section 4: what no field can hold is an error.
    if (value.constant?.includes("\0")) throw new SieveError(holdsNul, value.position);
    return (machine) => {
      const fieldName = name.read(machine);
      if (!isFieldName(fieldName)) throw machine.failure("This is not the name of a header field", name.position);
      const text = value.read(machine);
      if (text.includes("\0")) throw machine.failure(holdsNul, value.position);
      if (!machine.header.add(fieldName, text, reader.has(":last"))) {
        throw machine.failure("The header is changed too often", node.position);
      }
      return undefined;
    };
  },
};

/** RFC 5293 section 5. */
export const deleteheader: CommandSpec = {
  needs: ["editheader"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, { ...matchTags, ...indexTags([]) });
    const name = reader.text("the name of a field");
    const patterns = reader.left > 0 ? reader.texts("values") : undefined;
    reader.end();
    checkFieldName(name);
    const index = readFieldIndex(reader);
    const matcher = readMatcher(context, reader, patterns ?? []);
    return (machine) => {
      const fieldName = name.read(machine);
      if (!isFieldName(fieldName)) throw machine.failure("This is not the name of a header field", name.position);
      const fields = machine.header.all(fieldName);
      const only = index?.(fields.length);
      const mayRemove = machine.header.remove(fieldName, (field, place) => {
        if (index && place !== only) return false;
        return !patterns || matcher.match(machine, [machine.message.decode(field.value)]);
      });
      if (!mayRemove) throw machine.failure("The header is changed too often", node.position);
      return undefined;
    };
  },
};
