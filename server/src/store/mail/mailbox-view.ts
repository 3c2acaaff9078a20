/** Removed uids up to which they are taken out one by one; more are left out while everything is copied. */
const fewRemovals = 16;

/**
 * The copies in a mailbox as far as a client's view of it needs: uid, flags and modseq, 16 bytes a message, since a mailbox may hold
 * hundreds of thousands. One view serves all the sessions of this process; see `MailboxViews`.
 */
export class MailboxView {
  #uids = new Uint32Array(0);
  #modseqs = new Float64Array(0);
  #flagSets = new Uint32Array(0);
  #size = 0;
  /** Each set of flags that occurs, once: few differ. */
  readonly #sets: string[][] = [];
  readonly #setNumbers = new Map<string, number>();
  /** Everything up to this modseq is in. */
  modseq = 0;

  get size(): number {
    return this.#size;
  }

  /** Of the typed arrays. */
  get bytes(): number {
    return this.#uids.byteLength + this.#modseqs.byteLength + this.#flagSets.byteLength;
  }

  uidAt(index: number): number {
    return this.#uids[index]!;
  }

  modseqAt(index: number): number {
    return this.#modseqs[index]!;
  }

  /** The number of the set of flags, for `flagsOf`. */
  flagSetAt(index: number): number {
    return this.#flagSets[index]!;
  }

  /** Of a set's number: the same array for all the messages that have it, not to be changed. */
  flagsOf(set: number): readonly string[] {
    return this.#sets[set]!;
  }

  /** A copy of the uids, ascending. */
  uids(): Uint32Array {
    return this.#uids.slice(0, this.#size);
  }

  /** Where the uid is, or would be. */
  lowerBound(uid: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#uids[middle]! < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** -1 when it is not there. */
  indexOf(uid: number): number {
    const index = this.lowerBound(uid);
    return index < this.#size && this.#uids[index] === uid ? index : -1;
  }

  /** The keywords in use, sorted, and the first uid that is not seen. */
  summarize(): { keywords: string[]; firstUnseenUid: number | null } {
    const inUse = new Uint8Array(this.#sets.length);
    let firstUnseenUid: number | null = null;
    const unseen = this.#sets.map((flags) => !flags.includes("\\Seen"));
    for (let index = 0; index < this.#size; index += 1) {
      const set = this.#flagSets[index]!;
      inUse[set] = 1;
      if (firstUnseenUid === null && unseen[set]) firstUnseenUid = this.#uids[index]!;
    }
    const keywords = new Set(
      this.#sets
        .filter((_flags, set) => inUse[set] === 1)
        .flatMap((flags) => flags.filter((flag) => !flag.startsWith("\\"))),
    );
    return { keywords: [...keywords].sort(), firstUnseenUid };
  }

  /** Takes uids out; those that are not there are ignored. */
  remove(uids: ArrayLike<number>): void {
    if (uids.length <= fewRemovals) {
      for (let each = 0; each < uids.length; each += 1) this.#removeAt(this.indexOf(uids[each]!));
      return;
    }
    const gone = new Set<number>();
    for (let each = 0; each < uids.length; each += 1) gone.add(uids[each]!);
    let kept = 0;
    for (let index = 0; index < this.#size; index += 1) {
      if (gone.has(this.#uids[index]!)) continue;
      this.#uids[kept] = this.#uids[index]!;
      this.#modseqs[kept] = this.#modseqs[index]!;
      this.#flagSets[kept] = this.#flagSets[index]!;
      kept += 1;
    }
    this.#size = kept;
  }

  /**
   * Adds or changes copies.
   * @param flags separated by spaces
   */
  put(uids: ArrayLike<number>, modseqs: ArrayLike<number>, flags: readonly string[]): void {
    const arriving: number[] = [];
    for (let each = 0; each < uids.length; each += 1) {
      const index = this.indexOf(uids[each]!);
      if (index === -1) arriving.push(each);
      else this.#set(index, uids[each]!, modseqs[each]!, this.#numberOf(flags[each]!));
    }
    if (arriving.length === 0) return;
    this.#grow(this.#size + arriving.length);
    const isAppended = this.#size === 0 || uids[arriving[0]!]! > this.#uids[this.#size - 1]!;
    for (const each of arriving) {
      // Below another one only when rows were read while their mailbox changed.
      const index = isAppended ? this.#size : this.lowerBound(uids[each]!);
      if (index < this.#size) {
        this.#uids.copyWithin(index + 1, index, this.#size);
        this.#modseqs.copyWithin(index + 1, index, this.#size);
        this.#flagSets.copyWithin(index + 1, index, this.#size);
      }
      this.#set(index, uids[each]!, modseqs[each]!, this.#numberOf(flags[each]!));
      this.#size += 1;
    }
  }

  #set(index: number, uid: number, modseq: number, set: number): void {
    this.#uids[index] = uid;
    this.#modseqs[index] = modseq;
    this.#flagSets[index] = set;
  }

  #removeAt(index: number): void {
    if (index === -1) return;
    this.#uids.copyWithin(index, index + 1, this.#size);
    this.#modseqs.copyWithin(index, index + 1, this.#size);
    this.#flagSets.copyWithin(index, index + 1, this.#size);
    this.#size -= 1;
  }

  #grow(size: number): void {
    if (size <= this.#uids.length) return;
    const capacity = this.#size === 0 ? size : Math.max(size + 64, Math.ceil(size * 1.25));
    const grown = <T extends Uint32Array | Float64Array>(from: T, to: T): T => {
      to.set(from.subarray(0, this.#size));
      return to;
    };
    this.#uids = grown(this.#uids, new Uint32Array(capacity));
    this.#modseqs = grown(this.#modseqs, new Float64Array(capacity));
    this.#flagSets = grown(this.#flagSets, new Uint32Array(capacity));
  }

  #numberOf(flags: string): number {
    let number = this.#setNumbers.get(flags);
    if (number === undefined) {
      number = this.#sets.length;
      this.#sets.push(flags === "" ? [] : flags.split(" "));
      this.#setNumbers.set(flags, number);
    }
    return number;
  }
}
