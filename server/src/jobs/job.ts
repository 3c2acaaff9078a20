/** Something that runs beside the servers. */
export interface RunningJob {
  /** Begins nothing new and waits for what is under way; what is left after `deadlineMs` is interrupted. */
  stop(deadlineMs: number): Promise<void>;
}
