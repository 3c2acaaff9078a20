import { gunzipSync, inflateRawSync } from "node:zlib";
import { MailReportError } from "./mail-report.ts";

/** A report of ten thousand rows has about this; one that swells further is a bomb. */
export const largestReport = 10 * 1024 * 1024;

/**
 * What is inside a gzip or zip file, or the bytes themselves when they are neither. Holds the caller: for threads.
 * @throws MailReportError when it is damaged, encrypted or larger than `largestReport`
 */
export function decompressReport(bytes: Buffer): Buffer {
  const isGzip = bytes.length > 2 && bytes.readUInt16BE(0) === 0x1f8b;
  const isZip = bytes.length > 4 && bytes.readUInt32BE(0) === 0x504b0304;
  try {
    if (isGzip) return gunzipSync(bytes, { maxOutputLength: largestReport });
    if (isZip) return unzipFirst(bytes);
  } catch (error) {
    if (error instanceof MailReportError) throw error;
    throw new MailReportError("The compressed file is damaged or too large", { cause: error });
  }
  if (bytes.length > largestReport) throw new MailReportError("The report is too large");
  return bytes;
}

/** The first file of a zip archive, found by its central directory, since the first header may not know the sizes. */
function unzipFirst(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end === -1 || end + 22 > bytes.length) throw new MailReportError("The zip archive has no directory");
  const at = bytes.readUInt32LE(end + 16);
  if (at + 46 > bytes.length || bytes.readUInt32BE(at) !== 0x504b0102) {
    throw new MailReportError("The zip archive's directory is damaged");
  }
  const flags = bytes.readUInt16LE(at + 8);
  const method = bytes.readUInt16LE(at + 10);
  const compressed = bytes.readUInt32LE(at + 20);
  const size = bytes.readUInt32LE(at + 24);
  const header = bytes.readUInt32LE(at + 42);
  if ((flags & 1) !== 0) throw new MailReportError("The zip archive is encrypted");
  if (size > largestReport) throw new MailReportError("The report is too large");
  if (header + 30 > bytes.length || bytes.readUInt32BE(header) !== 0x504b0304) {
    throw new MailReportError("The zip archive's file is damaged");
  }
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const data = bytes.subarray(start, start + compressed);
  if (data.length !== compressed) throw new MailReportError("The zip archive is cut short");
  if (method === 0) return data;
  if (method === 8) return inflateRawSync(data, { maxOutputLength: largestReport });
  throw new MailReportError("The zip archive is packed in an unknown way");
}
