import { BadMultipart } from "./bad-multipart.ts";
import { PartReader } from "./part-reader.ts";

export interface Part {
  /** By their lower-case names; of several, the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes. */
  readonly length: number;
  /** To be read once, before the next part; what is not read is skipped. It ends once its sender has ended it where it said. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface MultipartLimits {
  readonly parts: number;
  /** Bytes of the header fields of one part. */
  readonly headerBytes: number;
}

/** The boundary of a multipart media type (RFC 2045 section 5.1, RFC 2046 section 5.1.1); undefined when it has none. */
export function readBoundary(contentType: string | undefined): string | undefined {
  const match = /^multipart\/(?:related|form-data|mixed)\s*;(.*)$/is.exec(contentType?.trim() ?? "");
  const parameter = /(?:^|;)\s*boundary\s*=\s*(?:"([^"\\\r\n]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i.exec(
    match?.[1] ?? "",
  );
  const boundary = parameter?.[1] ?? parameter?.[2];
  return boundary === undefined || boundary.endsWith(" ") ? undefined : boundary;
}

/**
 * The parts of a body one after the other, as they come. Each says its length (RFC 9112's Content-Length), so that a body may hold
 * anything, boundaries too.
 * @throws BadMultipart, errors of the source
 */
export async function* readParts(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<Part> {
  const reader = new PartReader(source);
  const delimiter = `--${boundary}`;
  /** @returns whether another part follows */
  const readDelimiter = (line: string | undefined): boolean => {
    const rest = line?.startsWith(delimiter) ? line.slice(delimiter.length).trimEnd() : undefined;
    if (rest !== "" && rest !== "--") throw new BadMultipart("A boundary is missing where a part ends");
    return rest === "";
  };
  const readEnd = async (): Promise<boolean> => {
    await reader.finish();
    if ((await reader.line(1_000)) !== "") throw new BadMultipart("A part is longer than it says");
    return readDelimiter(await reader.line(1_000));
  };
  const first = await reader.line(1_000);
  // The line break that ends nothing before the first delimiter.
  let isFollowed = readDelimiter(first === "" ? await reader.line(1_000) : first);
  for (let count = 0; isFollowed; count++) {
    if (count === limits.parts) throw new BadMultipart(`There are more than ${limits.parts} parts`);
    const headers = await readHeaders(reader, limits.headerBytes);
    const length = readLength(headers);
    let isEnded = false;
    const end = async (): Promise<void> => {
      if (isEnded) return;
      isFollowed = await readEnd();
      isEnded = true;
    };
    yield { headers, length, body: endedBy(reader.body(length), end) };
    await end();
  }
}

async function* endedBy(body: AsyncIterable<Uint8Array>, end: () => Promise<void>): AsyncGenerator<Uint8Array> {
  yield* body;
  await end();
}

async function readHeaders(reader: PartReader, limit: number): Promise<ReadonlyMap<string, string>> {
  const headers = new Map<string, string>();
  for (let left = limit; ; ) {
    const line = await reader.line(left);
    if (line === undefined) throw new BadMultipart("The body ends within a part's header");
    if (line === "") return headers;
    left -= Buffer.byteLength(line) + 2;
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new BadMultipart("A part's header is malformed");
    headers.set(name.toLowerCase(), value);
  }
}

function readLength(headers: ReadonlyMap<string, string>): number {
  const text = headers.get("content-length");
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new BadMultipart("A part does not say its length");
  return Number(text);
}
