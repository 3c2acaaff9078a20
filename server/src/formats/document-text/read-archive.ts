import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { DocumentError } from "./document-error.ts";

const maxEntries = 5_000;
/** Of all the entries that are read, inflated: a ZIP of 25 MB may claim to hold terabytes. */
const maxInflatedBytes = 64 * 1024 * 1024;

/**
 * Reads entries of a ZIP archive in the order of its directory.
 * @param wanted tells by the name which entries to read
 * @param take gets one entry whole; returns false when it has enough
 * @throws DocumentError when it is no ZIP, is encrypted, has too many entries or inflates to too much
 */
export async function readArchive(
  bytes: Buffer,
  wanted: (name: string) => boolean,
  take: (name: string, content: Buffer) => boolean,
): Promise<void> {
  let archive: ZipFile;
  try {
    archive = await open(bytes);
  } catch (error) {
    throw new DocumentError("This is no ZIP archive", { cause: error });
  }
  try {
    await walk(archive, wanted, take);
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    throw new DocumentError("The archive cannot be read", { cause: error });
  } finally {
    archive.close();
  }
}

function open(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, validateEntrySizes: true }, (error, archive) =>
      error ? reject(error) : resolve(archive),
    );
  });
}

async function walk(
  archive: ZipFile,
  wanted: (name: string) => boolean,
  take: (name: string, content: Buffer) => boolean,
): Promise<void> {
  if (archive.entryCount > maxEntries) throw new DocumentError("The archive has too many entries");
  let left = maxInflatedBytes;
  await new Promise<void>((resolve, reject) => {
    archive.on("error", reject);
    archive.on("end", resolve);
    archive.on("entry", (entry: Entry) => {
      if (!wanted(entry.fileName)) return archive.readEntry();
      inflate(archive, entry, left).then((content) => {
        left -= content.length;
        if (take(entry.fileName, content)) archive.readEntry();
        else resolve();
      }, reject);
    });
    archive.readEntry();
  });
}

async function inflate(archive: ZipFile, entry: Entry, limit: number): Promise<Buffer> {
  if (entry.isEncrypted()) throw new DocumentError("The archive is encrypted");
  if (entry.uncompressedSize > limit) throw new DocumentError("The archive inflates to too much");
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    archive.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
