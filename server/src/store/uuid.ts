import { randomFillSync } from "node:crypto";

let lastTime = 0;
let counter = 0;

/** Random bytes in store: to ask for as few as an id needs takes longer than to make the id. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Where in the pool as many bytes are that nobody had. */
function takeRandom(length: number): number {
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += length;
  return used - length;
}

/**
 * A UUIDv7 (RFC 9562 section 5.7) made here, for rows whose id must be known before the INSERT. Ids made by one process in
 * one millisecond are in order: 12 bits of counter stand where rand_a is (section 6.2, method 1).
 */
export function uuidv7(): string {
  let time = Date.now();
  if (time <= lastTime) {
    time = lastTime;
    counter++;
    if (counter > 0xfff) {
      time = ++lastTime;
      counter = 0;
    }
  } else {
    counter = pool.readUInt16BE(takeRandom(2)) & 0x7ff; // room to count up
  }
  lastTime = time;
  const at = takeRandom(8);
  pool[at] = (pool[at]! & 0x3f) | 0x80;
  const random = pool.toString("hex", at, at + 8);
  pool.fill(0, at, at + 8);
  const clock = time.toString(16).padStart(12, "0");
  const ordered = (0x7000 | counter).toString(16);
  return `${clock.slice(0, 8)}-${clock.slice(8)}-${ordered}-${random.slice(0, 4)}-${random.slice(4)}`;
}

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether PostgreSQL would take the text as a uuid in our one spelling; anything else is "not found", never an SQL error. */
export function isUuid(text: unknown): text is string {
  return typeof text === "string" && pattern.test(text);
}
