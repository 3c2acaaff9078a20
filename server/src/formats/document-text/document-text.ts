import type { DocumentKind } from "./document-kind.ts";
import { odfText } from "./odf-text.ts";
import { ooxmlText } from "./ooxml-text.ts";
import { pdfText } from "./pdf-text.ts";
import { rtfText } from "./rtf-text.ts";

/**
 * The words of a document; those of a message are formats/mime's. To be called in a thread with limits of time and memory: these formats can be made to cost any amount.
 * @param limit UTF-16 units of text at most
 * @throws DocumentError when the document cannot be read
 */
export async function documentText(
  kind: Exclude<DocumentKind, "message">,
  bytes: Buffer,
  limit: number,
): Promise<string> {
  switch (kind) {
    case "pdf":
      return pdfText(bytes, limit);
    case "ooxml":
      return ooxmlText(bytes, limit);
    case "odf":
      return odfText(bytes, limit);
    case "rtf":
      return rtfText(bytes, limit);
  }
}
