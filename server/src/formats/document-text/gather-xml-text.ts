import { SaxesParser } from "saxes";
import type { TextGatherer } from "./text-gatherer.ts";

export interface XmlWords {
  /** Local names of elements whose text counts; undefined: all text. */
  readonly textIn?: ReadonlySet<string>;
  /** Local names of elements that end a word where they begin and end. */
  readonly breaks: ReadonlySet<string>;
  /** Elements whose text does not count after all, whatever is inside of them. */
  readonly isHidden?: (name: string, attributes: Readonly<Record<string, string>>) => boolean;
}

const pieceLength = 64 * 1024;

/** The text of an XML part of a document. Entities are not expanded; what is malformed gives what stood before the fault. */
export function gatherXmlText(xml: Buffer, words: XmlWords, into: TextGatherer): void {
  const parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  let depthInText = 0;
  let depth = 0;
  let hiddenFrom = Number.POSITIVE_INFINITY;
  const isText = (name: string) => words.textIn?.has(localName(name)) ?? false;
  parser.on("opentag", ({ name, attributes }) => {
    depth += 1;
    if (depth < hiddenFrom && words.isHidden?.(localName(name), attributes)) hiddenFrom = depth;
    if (isText(name)) depthInText += 1;
    if (words.breaks.has(localName(name))) into.break();
  });
  parser.on("closetag", ({ name }) => {
    if (depth === hiddenFrom) hiddenFrom = Number.POSITIVE_INFINITY;
    depth -= 1;
    if (isText(name)) depthInText -= 1;
    if (words.breaks.has(localName(name))) into.break();
  });
  parser.on("text", (text) => {
    if (depth < hiddenFrom && (words.textIn === undefined || depthInText > 0)) into.add(text);
  });
  let failed = false;
  parser.on("error", () => {
    failed = true;
  });
  const text = xml.toString("utf8");
  for (let from = 0; from < text.length && !failed && !into.isFull; from += pieceLength) {
    parser.write(text.slice(from, from + pieceLength));
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
