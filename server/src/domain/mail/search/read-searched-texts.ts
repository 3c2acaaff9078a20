import { setImmediate } from "node:timers/promises";
import type { MimePart } from "../../../formats/mime/mime-part.ts";
import { type SearchedPlace, searchedPlaces } from "../../../formats/mime/searched-texts.ts";
import { casemapPieces } from "../../../formats/mime/unicode-casemap.ts";
import type { MailDeps } from "../model.ts";

/** A message as the search reads it. */
export interface SearchedMessage {
  readonly blob_id: string;
  readonly size: number;
  readonly mime: MimePart;
  /** The bytes, when the database holds them; the header alone is enough for a search of the header. */
  readonly data: Buffer | null;
}

/** Up to this many bytes a message is read at once; of a longer one only what is searched. */
const readWhole = 1024 * 1024;
/** With more places, reading each by itself would take longer than reading them all. */
const maxReads = 100;

/**
 * Reads the places of a message that an exact search looks at, one after the other, as far as they are wanted.
 * @param where `body`: not the headers
 */
export async function* readSearchedPlaces(
  deps: MailDeps,
  message: SearchedMessage,
  where: "text" | "body",
): AsyncGenerator<{ readonly in: SearchedPlace["in"]; readonly texts: Iterable<string | null> }> {
  const places = [...searchedPlaces(message.mime)].filter(
    (place) => place.start < place.end && (where === "text" || place.in === "body"),
  );
  let { data } = message;
  if (data === null && (message.size <= readWhole || places.length > maxReads)) {
    data = await readStored(deps, message.blob_id, 0, message.size);
  }
  for (const place of places) {
    const bytes = data?.subarray(place.start, place.end);
    yield {
      in: place.in,
      texts: place.texts(bytes ?? (await readStored(deps, message.blob_id, place.start, place.end))),
    };
  }
}

/** Bytes of a blob that the database does not hold; `end` is exclusive. */
export async function readStored(deps: MailDeps, blobId: string, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of deps.blobs.storage.read(blobId, { start, end })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Which of the sought texts a text contains, by i;unicode-casemap. Others get their turn in a long text.
 * @param sought as `unicodeCasemap` gives them
 */
export async function findTexts(text: string, sought: ReadonlySet<string>): Promise<Set<string>> {
  const found = new Set<string>();
  const overlap = Math.max(0, ...Array.from(sought, (each) => each.length - 1));
  let end = "";
  for (const piece of casemapPieces(text)) {
    const joined = end + piece;
    for (const each of sought) if (!found.has(each) && joined.includes(each)) found.add(each);
    if (found.size === sought.size) break;
    if (joined.length < text.length) await setImmediate();
    end = overlap > 0 ? joined.slice(-overlap) : "";
  }
  return found;
}

/** Whether the bytes of a blob are not there any more. */
export function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
