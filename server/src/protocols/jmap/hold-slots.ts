import type { CoreCapability } from "@bouquet/contract/jmap.ts";
import { RequestProblem } from "./jmap-errors.ts";

/** Counts what one person has under way in this copy of the program. */
export class Slots {
  readonly #held = new Map<string, number>();
  readonly #most: number;
  readonly #limit: keyof CoreCapability;

  constructor(most: number, limit: keyof CoreCapability) {
    this.#most = most;
    this.#limit = limit;
  }

  /** @returns lets go, once. @throws RequestProblem `limit` */
  hold(principalId: string): () => void {
    const held = this.#held.get(principalId) ?? 0;
    if (held >= this.#most) throw new RequestProblem("limit", "Too much is under way at once", this.#limit);
    this.#held.set(principalId, held + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#held.get(principalId) ?? 1) - 1;
      if (left === 0) this.#held.delete(principalId);
      else this.#held.set(principalId, left);
    };
  }
}
