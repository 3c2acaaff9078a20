import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds: a busy machine is slow, and only a defect takes this long. */
const patience = 90_000;

/**
 * Looks until there is something: neither false nor undefined.
 * @param what is waited for
 * @param detail more for the error, such as what a program has printed
 * @throws when it does not come within 90 seconds
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | false | undefined> | T | false | undefined,
  detail?: () => string,
): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    if (performance.now() > deadline)
      throw new Error(["Waited in vain", what, ...(detail ? [detail()] : [])].join(": "));
    await delay(50);
  }
}
