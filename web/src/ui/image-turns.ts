/**
 * Pictures that the server may first have to draw, for some seconds each: a few at once, so that they never take all the connections
 * that a browser has for what the person is waiting for.
 */
const mostAtOnce = 3;

export class Turns {
  readonly #places: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** @param begin called when there is a place, at once maybe @returns gives the place back, or leaves the queue; once is enough */
  take(begin: () => void): () => void {
    let state: "waiting" | "begun" | "left" = "waiting";
    const enter = () => {
      state = "begun";
      this.#taken++;
      begin();
    };
    const leave = () => {
      if (state === "begun") this.#taken--;
      else this.#waiting.delete(enter);
      state = "left";
      this.#advance();
    };
    this.#waiting.add(enter);
    this.#advance();
    return () => {
      if (state !== "left") leave();
    };
  }

  #advance(): void {
    for (const enter of this.#waiting) {
      if (this.#taken >= this.#places) return;
      this.#waiting.delete(enter);
      enter();
    }
  }
}

export const imageTurns = new Turns(mostAtOnce);
