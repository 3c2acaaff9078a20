import { gatherXmlText, type XmlWords } from "./gather-xml-text.ts";
import { readArchive } from "./read-archive.ts";
import { TextGatherer } from "./text-gatherer.ts";

/** Where Word, Excel and PowerPoint keep words (ECMA-376 part 1: WordprocessingML, SpreadsheetML, PresentationML). */
const parts =
  /^(?:word\/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)|xl\/(?:sharedStrings|workbook|comments\d*|worksheets\/sheet\d+)|ppt\/(?:slides\/slide\d+|notesSlides\/notesSlide\d+|comments\/comment\d+))\.xml$/;

const words: XmlWords = {
  textIn: new Set(["t", "instrText", "delText", "text"]),
  breaks: new Set(["p", "br", "tab", "cr", "tc", "si", "c", "is", "row"]),
};
/** Numbers of cells are searched for as they are stored; those of type s only point at a shared string. */
const sheetWords: XmlWords = {
  textIn: new Set(["t", "v"]),
  breaks: new Set(["c", "is", "row", "si"]),
  isHidden: (name, attributes) => name === "c" && attributes.t === "s",
};

/** The words of a .docx, .xlsx or .pptx. @throws DocumentError */
export async function ooxmlText(bytes: Buffer, limit: number): Promise<string> {
  const text = new TextGatherer(limit);
  await readArchive(
    bytes,
    (name) => parts.test(name),
    (name, content) => {
      gatherXmlText(content, name.startsWith("xl/worksheets/") ? sheetWords : words, text);
      text.break();
      return !text.isFull;
    },
  );
  return text.end();
}
