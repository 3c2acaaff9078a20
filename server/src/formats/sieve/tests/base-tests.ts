import { addressPartTags, isWholeAddress, readAddressPart, splitAddress } from "../address-part.ts";
import { ArgumentReader } from "../argument-reader.ts";
import type { TestSpec } from "../compile-context.ts";
import { indexTags, pickFields, readFieldIndex } from "../field-index.ts";
import { checkAddressFields, readFieldNames } from "../header-names.ts";
import type { Test } from "../machine.ts";
import { matchTags, readMatcher } from "../matcher.ts";
import { SieveError } from "../sieve-error.ts";

/* The tests of RFC 5228 section 5. */

const constant = (value: boolean): TestSpec => ({
  compile(context, node) {
    new ArgumentReader(context, node).end();
    return () => value;
  },
});

/** `allof` and `anyof`: the tests after the one that decides are not run. */
const several = (decides: boolean): TestSpec => ({
  compile(context, node) {
    const given = node.args[0];
    if (given) throw new SieveError(`${node.name} takes only tests`, given.position);
    if (!node.isTestList) throw new SieveError(`${node.name} needs tests in parentheses`, node.position);
    const tests = node.tests.map((test) => context.test(test));
    return async (machine) => {
      for (const test of tests) {
        machine.spend(1);
        const found = test(machine);
        if ((found instanceof Promise ? await found : found) === decides) return decides;
      }
      return !decides;
    };
  },
});

const not: TestSpec = {
  compile(context, node) {
    const given = node.args[0];
    if (given) throw new SieveError("not takes only a test", given.position);
    const [inner] = node.tests;
    if (!inner || node.isTestList) throw new SieveError("not needs one test", node.position);
    const test = context.test(inner);
    return async (machine) => !(await test(machine));
  },
};

const exists: TestSpec = {
  compile(context, node) {
    const reader = new ArgumentReader(context, node);
    const names = reader.texts("the names of fields");
    reader.end();
    return (machine) => {
      const read = readFieldNames(machine, names);
      return read.length === names.length && read.every((name) => machine.header.all(name).length > 0);
    };
  },
};

const header: TestSpec = {
  compile(context, node) {
    const reader = new ArgumentReader(context, node, { ...matchTags, ...indexTags(["index"]) });
    const names = reader.texts("the names of fields");
    const keys = reader.texts("what to look for");
    reader.end();
    const index = readFieldIndex(reader);
    const matcher = readMatcher(context, reader, keys);
    return (machine) =>
      matcher.match(
        machine,
        readFieldNames(machine, names).flatMap((name) =>
          pickFields(machine.header.all(name), index).map((field) => machine.message.decode(field.value)),
        ),
      );
  },
};

const address: TestSpec = {
  compile(context, node) {
    const reader = new ArgumentReader(context, node, { ...matchTags, ...addressPartTags, ...indexTags(["index"]) });
    const names = reader.texts("the names of fields");
    const keys = reader.texts("what to look for");
    reader.end();
    checkAddressFields(names);
    const index = readFieldIndex(reader);
    const part = readAddressPart(reader);
    const matcher = readMatcher(context, reader, keys);
    return (machine) => {
      const values: string[] = [];
      for (const name of readFieldNames(machine, names, true)) {
        for (const { value } of pickFields(machine.header.all(name), index)) {
          machine.spend(value.length / 200);
          const addresses = machine.message.addresses(value);
          if (addresses.length === 0 && isWholeAddress(part) && !matcher.isCount) values.push(value.trim());
          for (const mailbox of addresses) {
            const found = part(mailbox);
            if (found !== null) values.push(machine.message.decode(found));
          }
        }
      }
      return matcher.match(machine, values);
    };
  },
};

/** RFC 5228 section 5.4. The null reverse-path is the empty string, whatever part is asked for. */
const envelope: TestSpec = {
  needs: ["envelope"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, { ...matchTags, ...addressPartTags });
    const names = reader.texts("parts of the envelope");
    const keys = reader.texts("what to look for");
    reader.end();
    const unknown = names.find((each) => each.constant !== undefined && !/^(?:from|to)$/i.test(each.constant));
    if (unknown) throw new SieveError("Parts of the envelope are “from” and “to”", unknown.position);
    const part = readAddressPart(reader);
    const matcher = readMatcher(context, reader, keys);
    return (machine) => {
      const values = names.flatMap((each) => {
        const name = each.read(machine).toLowerCase();
        if (name !== "from" && name !== "to") return [];
        const given = machine.message.envelope[name];
        const found = given === "" ? "" : part(splitAddress(given));
        // Nothing is counted for a path that is null (RFC 5231 section 4.2 counts what is there).
        return found === null || (given === "" && matcher.isCount) ? [] : [found];
      });
      return matcher.match(machine, values);
    };
  },
};

const size: TestSpec = {
  compile(context, node): Test {
    const reader = new ArgumentReader(context, node, { ":over": { group: "side" }, ":under": { group: "side" } });
    const side = reader.inGroup("side");
    if (!side) throw new SieveError("size needs :over or :under", node.position);
    const limit = reader.number("a size");
    reader.end();
    return side.name === ":over" ? (machine) => machine.size > limit : (machine) => machine.size < limit;
  },
};

export const baseTests: Readonly<Record<string, TestSpec>> = {
  true: constant(true),
  false: constant(false),
  allof: several(false),
  anyof: several(true),
  not,
  exists,
  header,
  address,
  envelope,
  size,
};
