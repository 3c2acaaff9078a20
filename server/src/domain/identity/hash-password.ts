import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { DomainError } from "../errors.ts";

const derive = promisify(argon2);

// OWASP's and RFC 9106's smaller profile: 19 MiB, two passes, one lane. About 40 ms of one core.
const current = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const tagLength = 32;
const maxRunning = 2;
const maxWaiting = 64;

let running = 0;
const waiting: (() => void)[] = [];

/** At most two at a time, or a burst of sign-ins would take the thread pool from every file and DNS operation. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= maxRunning) {
    if (waiting.length >= maxWaiting) {
      throw new DomainError("unavailable", "Too many people are signing in at this moment", { retryAfterSeconds: 5 });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running++;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

// The same text typed on two keyboards must be the same password: NFKC, as RFC 8265 section 4.2.2 asks of passwords.
const bytesOf = (password: string): Buffer => Buffer.from(password.normalize("NFKC"), "utf8");

const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replace(/=+$/, "");

/**
 * Hashes a password with Argon2id.
 * @returns a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`
 * @throws DomainError `unavailable` when too many wait already
 */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await inTurn(() => derive("argon2id", { message: bytesOf(password), nonce, tagLength, ...current }));
  const { memory, passes, parallelism } = current;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

/** Stands for the hash of a name that nobody has, so that answering takes the same time. */
export const dummyHash = `$argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}$${unpadded(
  randomBytes(16),
)}$${unpadded(randomBytes(tagLength))}`;

const phc = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/**
 * Compares in constant time. A hash that is not an Argon2id PHC string matches nothing.
 * @throws DomainError `unavailable`
 */
export async function matchesPassword(password: string, hash: string): Promise<boolean> {
  const match = phc.exec(hash);
  if (!match) return false;
  const expected = Buffer.from(match[5]!, "base64");
  const tag = await inTurn(() =>
    derive("argon2id", {
      message: bytesOf(password),
      nonce: Buffer.from(match[4]!, "base64"),
      tagLength: expected.length,
      memory: Number(match[1]),
      passes: Number(match[2]),
      parallelism: Number(match[3]),
    }),
  );
  return timingSafeEqual(Buffer.from(tag), expected);
}

/** Whether the parameters have been raised since this hash was made. */
export function isOutdatedHash(hash: string): boolean {
  const { memory, passes, parallelism } = current;
  return !hash.startsWith(`$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$`);
}
