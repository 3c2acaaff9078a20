import { DocumentError } from "./document-error.ts";
import { TextGatherer } from "./text-gatherer.ts";

const maxPages = 2_000;

/**
 * The words of a PDF, as far as they are text: a scanned page has none.
 * @throws DocumentError when it cannot be read or is protected by a password
 */
export async function pdfText(bytes: Buffer, limit: number): Promise<string> {
  // Loaded here: 2 MB that a program which meets no PDF does without.
  const { getDocumentProxy } = await import("unpdf");
  const text = new TextGatherer(limit);
  try {
    const document = await getDocumentProxy(new Uint8Array(bytes), { isEvalSupported: false, verbosity: 0 } as object);
    try {
      for (let number = 1; number <= Math.min(document.numPages, maxPages) && !text.isFull; number++) {
        const page = await document.getPage(number);
        for (const item of (await page.getTextContent()).items) {
          if (!("str" in item)) continue;
          text.add(item.str);
          if (item.hasEOL) text.break();
        }
        text.break();
        page.cleanup();
      }
    } finally {
      await document.loadingTask.destroy();
    }
  } catch (error) {
    throw new DocumentError("The PDF cannot be read", { cause: error });
  }
  return text.end();
}
