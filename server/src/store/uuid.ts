import { randomBytes } from "node:crypto";

let lastTime = 0;
let counter = 0;

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
    counter = randomBytes(2).readUInt16BE() & 0x7ff; // room to count up
  }
  lastTime = time;
  const bytes = randomBytes(16);
  bytes.writeUIntBE(time, 0, 6);
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether PostgreSQL would take the text as a uuid in our one spelling; anything else is "not found", never an SQL error. */
export function isUuid(text: unknown): text is string {
  return typeof text === "string" && pattern.test(text);
}
