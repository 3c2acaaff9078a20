import { ArgumentReader, type TagSpecs } from "../argument-reader.ts";
import type { TestSpec } from "../compile-context.ts";
import { type DatePart, readDatePart, readZone, type SieveDate, toSieveDate, zonedDate } from "../date-parts.ts";
import { indexTags, pickFields, readFieldIndex } from "../field-index.ts";
import { readFieldNames } from "../header-names.ts";
import type { Machine } from "../machine.ts";
import { matchTags, readMatcher } from "../matcher.ts";
import { SieveError } from "../sieve-error.ts";
import type { Text } from "../text.ts";

const zoneTag: TagSpecs = { ":zone": { value: "string", group: "zone" } };

function checkPart(part: Text): void {
  if (part.constant !== undefined && !readDatePart(part.constant)) {
    throw new SieveError(`“${part.constant.slice(0, 40)}” is not a part of a date`, part.position);
  }
}

function checkZone(zone: Text | undefined): void {
  if (zone?.constant !== undefined && readZone(zone.constant) === undefined) {
    throw new SieveError(`“${zone.constant.slice(0, 40)}” is not a time zone such as +0100`, zone.position);
  }
}

/** Minutes east of UTC for a moment: as the script says, else where the owner lives. */
function offsetOf(machine: Machine, zone: Text | undefined, at: Date): number {
  const given = zone && readZone(zone.read(machine));
  return given ?? zonedDate(at, machine.host.timeZone).offsetMinutes;
}

function partOf(machine: Machine, part: Text): DatePart | undefined {
  return readDatePart(part.read(machine));
}

/** RFC 5260 section 4. */
const date: TestSpec = {
  needs: ["date"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, {
      ...matchTags,
      ...zoneTag,
      ":originalzone": { group: "zone" },
      ...indexTags(["index"]),
    });
    const name = reader.text("the name of a field");
    const part = reader.text("a part of the date");
    const keys = reader.texts("what to look for");
    reader.end();
    checkPart(part);
    const zone = reader.tagText(":zone");
    checkZone(zone);
    const keepsZone = reader.has(":originalzone");
    const index = readFieldIndex(reader);
    const matcher = readMatcher(context, reader, keys);
    return (machine) => {
      const read = partOf(machine, part);
      const [fieldName] = readFieldNames(machine, [name]);
      if (!read || fieldName === undefined) return false;
      const fields = machine.header.all(fieldName);
      // Without an index the first is meant.
      const field = index ? pickFields(fields, index)[0] : fields[0];
      const found = field && toSieveDate(field.value, machine.message.parseDate);
      if (!found) return matcher.isCount && matcher.match(machine, []);
      const offsetMinutes = keepsZone ? found.offsetMinutes : offsetOf(machine, zone, found.at);
      return matcher.match(machine, [read({ at: found.at, offsetMinutes })]);
    };
  },
};

/** RFC 5260 section 5: the moment is the same through the whole run. */
const currentdate: TestSpec = {
  needs: ["date"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, { ...matchTags, ...zoneTag });
    const part = reader.text("a part of the date");
    const keys = reader.texts("what to look for");
    reader.end();
    checkPart(part);
    const zone = reader.tagText(":zone");
    checkZone(zone);
    const matcher = readMatcher(context, reader, keys);
    return (machine) => {
      const read = partOf(machine, part);
      if (!read) return false;
      const at = machine.host.now;
      const now: SieveDate = { at, offsetMinutes: offsetOf(machine, zone, at) };
      return matcher.match(machine, [read(now)]);
    };
  },
};

export const dateTests: Readonly<Record<string, TestSpec>> = { date, currentdate };
