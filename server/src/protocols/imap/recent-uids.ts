import type { NumberRange } from "../../formats/imap-syntax/sequence-set.ts";

/**
 * The messages that are `\Recent` in one selection (RFC 3501 section 2.3.2), as ranges of uids: what was claimed by this session, or
 * only looked at by EXAMINE. They stay recent until the mailbox is selected anew.
 */
export class RecentUids {
  readonly #ranges: NumberRange[] = [];
  /** Up to this uid it is settled what is recent here. */
  #reach: number;

  constructor(reach = 0) {
    this.#reach = reach;
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** Ascending, apart from each other. */
  get ranges(): readonly NumberRange[] {
    return this.#ranges;
  }

  get reach(): number {
    return this.#reach;
  }

  /**
   * Settles what is recent up to a uid. What was settled before stays as it was.
   * @param recent the uids among them; undefined for none
   */
  settle(reach: number, recent: NumberRange | undefined): void {
    const from = Math.max(recent?.from ?? 0, this.#reach + 1);
    this.#reach = Math.max(this.#reach, reach);
    if (recent === undefined || from > recent.to) return;
    const last = this.#ranges.at(-1);
    if (last !== undefined && last.to === from - 1)
      this.#ranges[this.#ranges.length - 1] = { from: last.from, to: recent.to };
    else this.#ranges.push({ from, to: recent.to });
  }
}
