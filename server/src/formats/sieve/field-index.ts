import type { ArgumentReader, TagSpecs } from "./argument-reader.ts";
import { SieveError } from "./sieve-error.ts";

/** RFC 5260 section 6, and `deleteheader`, which has its own (RFC 5293 section 5). */
export function indexTags(needs: readonly string[]): TagSpecs {
  return { ":index": { value: "number", needs }, ":last": { needs } };
}

/** Which of several fields of one name is meant: from 0, or undefined for all. */
export type FieldIndex = (count: number) => number | undefined;

/** @throws SieveError for `:last` without `:index`, or `:index 0` */
export function readFieldIndex(reader: ArgumentReader): FieldIndex | undefined {
  const index = reader.tagNumber(":index");
  if (!index) {
    const last = reader.tag(":last");
    if (last) throw new SieveError(":last needs :index", last.position);
    return undefined;
  }
  if (index.value < 1) throw new SieveError(":index counts from 1", index.position);
  const isFromLast = reader.has(":last");
  return (count) => (isFromLast ? count - index.value : index.value - 1);
}

/** The field that an index means, if it is there; all of them without an index. */
export function pickFields<T>(fields: readonly T[], index: FieldIndex | undefined): readonly T[] {
  if (!index) return fields;
  const field = fields[index(fields.length) ?? -1];
  return field === undefined ? [] : [field];
}
