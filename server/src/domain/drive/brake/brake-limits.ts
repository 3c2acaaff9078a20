/** What a device may delete, rename and replace in a space before it is paused: both must be passed. */
export interface BrakeLimits {
  readonly files: number;
  /** Of the files of the space, 1 to 100. */
  readonly percent: number;
  /** Within so many. */
  readonly minutes: number;
}

export const defaultBrakeLimits: BrakeLimits = { files: 200, percent: 30, minutes: 10 };

/** Whether so many files of a space are too many at once. */
export function isTooMuch(limits: Pick<BrakeLimits, "files" | "percent">, files: number, total: number): boolean {
  return files > limits.files && files * 100 > total * limits.percent;
}
