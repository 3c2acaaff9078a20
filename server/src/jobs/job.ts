/** Something that runs beside the servers. */
export interface RunningJob {
  /** Begins nothing new and waits for what is under way; what is left after `deadlineMs` is interrupted. */
  stop(deadlineMs: number): Promise<void>;
}

/** Tells that rows may wait; returns the function that ends this. Losing a call costs a delay only. */
export type Subscribe = (wake: () => void) => () => void;
