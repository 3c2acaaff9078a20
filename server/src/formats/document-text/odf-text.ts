import { gatherXmlText, type XmlWords } from "./gather-xml-text.ts";
import { readArchive } from "./read-archive.ts";
import { TextGatherer } from "./text-gatherer.ts";

const words: XmlWords = {
  textIn: new Set(["p", "h"]),
  breaks: new Set(["p", "h", "s", "tab", "line-break", "table-cell", "note"]),
};

/** The words of an OpenDocument text, spreadsheet, presentation or drawing (ODF 1.3 part 3). @throws DocumentError */
export async function odfText(bytes: Buffer, limit: number): Promise<string> {
  const text = new TextGatherer(limit);
  await readArchive(
    bytes,
    (name) => name === "content.xml" || name === "styles.xml",
    (_name, content) => {
      gatherXmlText(content, words, text);
      text.break();
      return !text.isFull;
    },
  );
  return text.end();
}
