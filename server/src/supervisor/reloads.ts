/** Wishes to read again what may change while the program runs; one that comes before it can be met is met later. */
export class Reloads {
  #meet: (() => void) | undefined;
  #asked = false;

  ask(): void {
    if (this.#meet) this.#meet();
    else this.#asked = true;
  }

  answer(meet: () => void): void {
    this.#meet = meet;
    if (this.#asked) meet();
    this.#asked = false;
  }
}
