/**
 * Counts events by key over a sliding span, in the memory of this copy of the program. The count of the span before is taken in the
 * proportion in which it still lies inside (an even flow assumed), so two numbers a key are enough.
 */
export class RateCounter {
  readonly #spanMs: number;
  readonly #maxKeys: number;
  #current = new Map<string, number>();
  #previous = new Map<string, number>();
  #began = 0;

  /** @param maxKeys beyond it the span ends early, which forgets and never refuses wrongly */
  constructor(spanMs: number, maxKeys = 100_000) {
    this.#spanMs = spanMs;
    this.#maxKeys = maxKeys;
  }

  /** @returns the events of the last span, without adding one */
  count(key: string, now: number = performance.now()): number {
    this.#turn(now);
    const share = 1 - (now - this.#began) / this.#spanMs;
    return (this.#current.get(key) ?? 0) + (this.#previous.get(key) ?? 0) * share;
  }

  add(key: string, events = 1, now: number = performance.now()): void {
    this.#turn(now);
    if (this.#current.size >= this.#maxKeys && !this.#current.has(key)) {
      this.#previous = this.#current;
      this.#current = new Map();
    }
    this.#current.set(key, (this.#current.get(key) ?? 0) + events);
  }

  #turn(now: number): void {
    const elapsed = now - this.#began;
    if (elapsed < this.#spanMs) return;
    this.#previous = elapsed < 2 * this.#spanMs ? this.#current : new Map();
    this.#current = new Map();
    this.#began = now - (elapsed % this.#spanMs);
  }
}
