import type { NumberRange } from "../../formats/imap-syntax/sequence-set.ts";

/**
 * Sequence numbers and UIDs of the messages that a client has been told of: 4 bytes a message, because a person may
 * have a hundred thousand and several connections.
 */
export class UidMap {
  #uids: Uint32Array;
  #size: number;

  /** @param ascending UIDs */
  constructor(ascending: ArrayLike<number> = []) {
    this.#uids = Uint32Array.from(ascending);
    this.#size = ascending.length;
  }

  get size(): number {
    return this.#size;
  }

  /** 0 when the mailbox is empty. */
  get lastUid(): number {
    return this.#size === 0 ? 0 : (this.#uids[this.#size - 1] as number);
  }

  /** The UID of a sequence number from 1 to `size`; 0 outside. */
  uidOf(sequence: number): number {
    return sequence >= 1 && sequence <= this.#size ? (this.#uids[sequence - 1] as number) : 0;
  }

  /** The sequence number of a UID; 0 when it is not there. */
  sequenceOf(uid: number): number {
    const index = this.#lowerBound(uid);
    return index < this.#size && this.#uids[index] === uid ? index + 1 : 0;
  }

  /** Adds a message at the end; a UID that is not above the last is ignored. */
  append(uid: number): boolean {
    if (uid <= this.lastUid) return false;
    if (this.#size === this.#uids.length) {
      const grown = new Uint32Array(Math.max(64, this.#size * 2));
      grown.set(this.#uids);
      this.#uids = grown;
    }
    this.#uids[this.#size] = uid;
    this.#size += 1;
    return true;
  }

  /**
   * Removes UIDs and returns, for each that was there in ascending order, the sequence number that EXPUNGE has to name:
   * the one it has after those before it are gone (RFC 9051 section 7.5.1).
   */
  remove(ascending: Iterable<number>): number[] {
    const gone = new Set<number>();
    for (const uid of ascending) if (this.sequenceOf(uid) > 0) gone.add(uid);
    if (gone.size === 0) return [];
    const sequences: number[] = [];
    let kept = 0;
    for (let index = 0; index < this.#size; index += 1) {
      const uid = this.#uids[index] as number;
      if (gone.has(uid)) sequences.push(kept + 1);
      else {
        this.#uids[kept] = uid;
        kept += 1;
      }
    }
    this.#size = kept;
    return sequences;
  }

  /** UIDs of sequence numbers; the ranges must be resolved. */
  *uidsOfSequences(ranges: readonly NumberRange[]): Generator<number> {
    for (const { from, to } of ranges) {
      for (let sequence = from; sequence <= to && sequence <= this.#size; sequence += 1) {
        yield this.#uids[sequence - 1] as number;
      }
    }
  }

  /** UIDs that exist in ranges of UIDs; the ranges must be resolved. */
  *uidsOfUids(ranges: readonly NumberRange[]): Generator<number> {
    for (const { from, to } of ranges) {
      for (let index = this.#lowerBound(from); index < this.#size; index += 1) {
        const uid = this.#uids[index] as number;
        if (uid > to) break;
        yield uid;
      }
    }
  }

  /** The UIDs of sequence numbers or, `inUids`, those that exist among UIDs; the ranges must be resolved. */
  collect(ranges: readonly NumberRange[], inUids: boolean): Uint32Array {
    const parts = ranges.map(({ from, to }) =>
      inUids
        ? this.#uids.subarray(this.#lowerBound(from), this.#lowerBound(to + 1))
        : this.#uids.subarray(Math.min(from - 1, this.#size), Math.min(to, this.#size)),
    );
    const collected = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      collected.set(part, at);
      at += part.length;
    }
    return collected;
  }

  /** How many UIDs exist in ranges of UIDs; the ranges must be resolved. */
  countIn(ranges: readonly NumberRange[]): number {
    return ranges.reduce((sum, { from, to }) => sum + this.#lowerBound(to + 1) - this.#lowerBound(from), 0);
  }

  /** All UIDs in ascending order, as they are now. */
  *[Symbol.iterator](): Generator<number> {
    for (let index = 0; index < this.#size; index += 1) yield this.#uids[index] as number;
  }

  #lowerBound(uid: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#uids[middle] as number) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
