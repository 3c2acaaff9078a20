import { open } from "node:fs/promises";

interface Source {
  readonly size: number;
  open(range?: { start: number; end: number }): AsyncIterable<Uint8Array>;
}

/** Of a film: the first pictures are in the beginning, and what says where they are is there or in the end. Bytes. */
const filmHead = 64 * 2 ** 20;
const filmTail = 16 * 2 ** 20;

/** Writes what the drawing of a file needs of it. @param part `ends`: its beginning and its end, at their places, with a hole between */
export async function copySource(
  source: Source,
  path: string,
  part: "whole" | "ends" | { first: number },
): Promise<void> {
  const file = await open(path, "wx", 0o600);
  const write = async (start: number, end: number): Promise<void> => {
    let at = start;
    if (start >= end) return;
    for await (const chunk of source.open({ start, end })) {
      await file.write(chunk, 0, chunk.length, at);
      at += chunk.length;
    }
  };
  try {
    if (typeof part === "object") return await write(0, Math.min(part.first, source.size));
    if (part === "whole" || source.size <= filmHead + filmTail) return await write(0, source.size);
    await write(0, filmHead);
    await write(source.size - filmTail, source.size);
  } finally {
    await file.close();
  }
}
