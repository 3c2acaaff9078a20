import type { EditedHeader } from "./actions.ts";
import type { SieveHeader } from "./message-view.ts";
import { writeField } from "./write-field.ts";

/** RFC 5293 section 4 and 5: the trace of a message and what stops answers to answers stay. */
const undeletable = new Set(["received", "auto-submitted"]);
const unaddable = new Set(["received"]);

/** The header of the message, with what `addheader` and `deleteheader` did to it so far. */
export class HeaderEditor {
  readonly #original: readonly SieveHeader[];
  #fields: readonly SieveHeader[];
  readonly #maxEdits: number;
  #edits = 0;
  #snapshot: EditedHeader | undefined;
  #byName: Map<string, SieveHeader[]> | undefined;

  constructor(fields: readonly SieveHeader[], maxEdits: number) {
    this.#original = fields;
    this.#fields = fields;
    this.#maxEdits = maxEdits;
  }

  /** Fields of a name, in order. */
  all(name: string): readonly SieveHeader[] {
    this.#byName ??= Map.groupBy(this.#fields, (field) => field.name.toLowerCase());
    return this.#byName.get(name.toLowerCase()) ?? [];
  }

  /** False: too many edits. One that is not allowed is left out in silence (RFC 5293 section 6). */
  add(name: string, value: string, atEnd: boolean): boolean {
    if (unaddable.has(name.toLowerCase())) return true;
    const field = { name, value: value.replace(/[\r\n]+\s*/g, " ").trim() };
    return this.#change(atEnd ? [...this.#fields, field] : [field, ...this.#fields]);
  }

  /** Removes fields of a name, given with their place among them from 0. False: too many edits. */
  remove(name: string, isDoomed: (field: SieveHeader, index: number) => boolean): boolean {
    const wanted = name.toLowerCase();
    if (undeletable.has(wanted)) return true;
    let index = 0;
    const kept = this.#fields.filter((field) => field.name.toLowerCase() !== wanted || !isDoomed(field, index++));
    return kept.length === this.#fields.length || this.#change(kept);
  }

  #change(fields: readonly SieveHeader[]): boolean {
    this.#fields = fields;
    this.#snapshot = undefined;
    this.#byName = undefined;
    return ++this.#edits <= this.#maxEdits;
  }

  /** How much longer the header is than it was, in octets. */
  get sizeChange(): number {
    const edited = this.snapshot();
    return edited === undefined ? 0 : edited.length - sizeOf(this.#original);
  }

  /** Undefined when nothing was changed. */
  snapshot(): EditedHeader | undefined {
    if (this.#edits === 0) return undefined;
    this.#snapshot ??= Buffer.concat(
      this.#fields.map((field) =>
        field.raw === undefined ? Buffer.from(writeField(field), "utf8") : Buffer.from(field.raw, "latin1"),
      ),
    );
    return this.#snapshot;
  }
}

function sizeOf(fields: readonly SieveHeader[]): number {
  return fields.reduce((sum, field) => sum + (field.raw?.length ?? Buffer.byteLength(writeField(field))), 0);
}
