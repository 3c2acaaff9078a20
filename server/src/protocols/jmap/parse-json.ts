import { isUtf8 } from "node:buffer";
import { setImmediate as nextTurn } from "node:timers/promises";
import { RequestProblem } from "./jmap-errors.ts";
import type { JmapLimits } from "./limits.ts";

const slice = 512 * 1024;
const quote = 0x22;
const backslash = 0x5c;

/**
 * Parses the body of a request. What would hold the event loop is refused before JSON.parse sees it: deep nesting and millions of
 * values; a long body is looked through in slices.
 * @throws RequestProblem `notJSON`, `limit`
 */
export async function parseJson(bytes: Buffer, limits: Pick<JmapLimits, "maxDepth" | "maxValues">): Promise<unknown> {
  // I-JSON is UTF-8 (RFC 7493 section 2.1).
  if (!isUtf8(bytes)) throw new RequestProblem("notJSON", "The request is not UTF-8");
  let depth = 0;
  let values = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + slice);
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte === quote) inString = !inString;
      else if (inString) {
        if (byte === backslash) at++;
      } else if (byte === 0x5b || byte === 0x7b) {
        values++;
        if (++depth > limits.maxDepth)
          throw new RequestProblem("limit", "The request is nested too deep", "maxSizeRequest");
      } else if (byte === 0x5d || byte === 0x7d) depth--;
      else if (byte === 0x2c) values++;
    }
    if (values > limits.maxValues)
      throw new RequestProblem("limit", "The request holds too many values", "maxSizeRequest");
    if (at < bytes.length) await nextTurn();
  }
  const text = bytes.toString("utf8");
  if (bytes.length > slice) await nextTurn();
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestProblem("notJSON", "The request is not JSON");
  }
}
