interface Waiting {
  readonly isSlow: boolean;
  begin(): Promise<void>;
}

/** Too many wait already. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}

export interface FairQueue {
  /**
   * Runs some work when its turn comes: whoever asks for a thousand things waits behind nobody else's one.
   * @param turn in whose name
   * @param work.isSlow kept from taking every place
   * @param work.signal given up when it has not begun
   * @throws QueueFull, the reason of the signal, what the work throws
   */
  run<T>(turn: string, work: { isSlow: boolean; signal: AbortSignal; run(): Promise<T> }): Promise<T>;
}

/** @param options.places how many at once @param options.mostWaiting for each name */
export function createFairQueue({ places, mostWaiting }: { places: number; mostWaiting: number }): FairQueue {
  /** By name, in the order of their turns. */
  const waiting = new Map<string, Waiting[]>();
  let running = 0;
  let slow = 0;
  const slowPlaces = Math.max(1, places - 1);

  function next(): Waiting | undefined {
    for (const [turn, queue] of waiting) {
      const at = queue.findIndex(({ isSlow }) => !isSlow || slow < slowPlaces);
      if (at === -1) continue;
      const [found] = queue.splice(at, 1);
      // Behind the others until its next turn.
      waiting.delete(turn);
      if (queue.length > 0) waiting.set(turn, queue);
      return found;
    }
    return undefined;
  }

  function advance(): void {
    while (running < places) {
      const found = next();
      if (!found) return;
      running++;
      if (found.isSlow) slow++;
      void found.begin().finally(() => {
        running--;
        if (found.isSlow) slow--;
        advance();
      });
    }
  }

  return {
    run<T>(turn: string, work: { isSlow: boolean; signal: AbortSignal; run(): Promise<T> }): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const queue = waiting.get(turn) ?? [];
      if (queue.length >= mostWaiting) return Promise.reject(new QueueFull(`${mostWaiting} wait already`));
      if (work.signal.aborted) return Promise.reject(work.signal.reason);
      const giveUp = () => {
        const place = waiting.get(turn);
        const at = place?.indexOf(entry) ?? -1;
        if (at === -1) return;
        place!.splice(at, 1);
        if (place!.length === 0) waiting.delete(turn);
        reject(work.signal.reason);
      };
      const entry: Waiting = {
        isSlow: work.isSlow,
        begin: () => {
          work.signal.removeEventListener("abort", giveUp);
          return Promise.resolve()
            .then(() => work.run())
            .then(resolve, reject);
        },
      };
      work.signal.addEventListener("abort", giveUp, { once: true });
      queue.push(entry);
      waiting.set(turn, queue);
      advance();
      return promise;
    },
  };
}
