import { decompressReport, largestReport } from "../formats/mail-report/decompress-report.ts";
import { type MailReport, MailReportError } from "../formats/mail-report/mail-report.ts";
import { parseDmarcReport } from "../formats/mail-report/parse-dmarc-report.ts";
import { parseTlsReport } from "../formats/mail-report/parse-tls-report.ts";
import { decodeTransferEncoding } from "../formats/mime/decode-body.ts";
import { indexMessage } from "../formats/mime/index-message.ts";
import { eachPart } from "../formats/mime/message-text.ts";

/** What a mail that should bring a report turned out to be. */
export type ReadReport = { readonly reports: readonly MailReport[] } | { readonly problem: string };

const mostParts = 20;

/** Finds the report in a mail and reads it; several parts are tried until one is a report. */
export function readMailReport(message: Buffer, kind: MailReport["kind"]): ReadReport {
  let problem = "The mail holds no report";
  let tried = 0;
  for (const part of eachPart(indexMessage(message))) {
    if (part.type === "multipart" || part.type === "message" || ++tried > mostParts) continue;
    const encoded = message.subarray(part.bodyStart, part.bodyEnd);
    if (encoded.length > largestReport * 2) continue;
    try {
      const bytes = decompressReport(decodeTransferEncoding(encoded, part.encoding));
      const text = bytes.toString("utf8").replace(/^\ufeff/, "");
      if (!text.trimStart().startsWith(kind === "dmarc" ? "<" : "{")) continue;
      return { reports: kind === "dmarc" ? [parseDmarcReport(text)] : parseTlsReport(text) };
    } catch (error) {
      if (!(error instanceof MailReportError)) throw error;
      problem = error.message;
    }
  }
  return { problem };
}
