import { type RequestOptions, request } from "node:http";
import { Readable } from "node:stream";

/** The work `count` times, `atOnce` of them running. */
export async function many(count: number, atOnce: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** That many bytes, always the same. */
export function manyBytes(size: number): Readable {
  const block = Buffer.alloc(1_000_000, "0123456789abcdef");
  return Readable.from(
    (function* () {
      for (let sent = 0; sent < size; sent += block.length) yield block.subarray(0, size - sent);
    })(),
    { objectMode: false, highWaterMark: block.length },
  );
}

/** @returns how many bytes the answer has @throws unless it is 2xx, and whole */
export function send(options: RequestOptions, body?: Buffer | Readable): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(options, (response) => {
    const { statusCode = 0, headers } = response;
    const isGood = statusCode >= 200 && statusCode <= 299;
    let bytes = 0;
    let text = "";
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (!isGood) text += chunk;
    });
    response.once("error", reject);
    response.once("end", () => {
      if (!isGood) reject(new Error(`${options.method} ${options.path} was answered ${statusCode} ${text}`));
      else if (headers["content-length"] !== undefined && Number(headers["content-length"]) !== bytes)
        reject(new Error(`${options.path} was cut at ${bytes}`));
      else resolve(bytes);
    });
  });
  sent.once("error", reject);
  if (body instanceof Readable) body.pipe(sent);
  else sent.end(body);
  return promise;
}
