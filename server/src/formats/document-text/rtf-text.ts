import { TextGatherer } from "./text-gatherer.ts";

/** Groups that hold no words of the document: fonts, colors, pictures, and what starts with \*. */
const hidden =
  /^(?:fonttbl|colortbl|stylesheet|pict|info|themedata|objdata|listtable|listoverridetable|rsidtbl|generator|xmlnstbl)$/;
const breaking = new Set(["par", "line", "tab", "cell", "row", "page", "sect"]);
const maxDepth = 200;

/** The words of a Rich Text Format document (RTF 1.9.1). Anything gives a text, if an empty one. */
export function rtfText(bytes: Buffer, limit: number): string {
  const source = bytes.toString("latin1");
  const text = new TextGatherer(limit);
  const windows1252 = new TextDecoder("windows-1252");
  /** Whether each open group is shown, and how many characters follow a \u that stand for it. */
  const groups: { shown: boolean; skip: number }[] = [{ shown: true, skip: 1 }];
  let group = groups[0]!;
  let toSkip = 0;
  const token = /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z'])|([{}])|([^\\{}]+)|./gisy;
  for (let match = token.exec(source); match !== null && !text.isFull; match = token.exec(source)) {
    const [, word, number, hex, symbol, brace, plain] = match;
    if (brace === "{") {
      if (groups.length < maxDepth) groups.push({ ...group });
      group = groups.at(-1)!;
    } else if (brace === "}") {
      if (groups.length > 1) groups.pop();
      group = groups.at(-1)!;
    } else if (word !== undefined) {
      if (hidden.test(word)) group.shown = false;
      else if (word === "uc") group.skip = Math.min(Number(number ?? 1), 10);
      else if (!group.shown) continue;
      else if (word === "u" && number !== undefined) {
        text.add(String.fromCharCode(Number(number) & 0xffff));
        toSkip = group.skip;
      } else if (breaking.has(word)) text.break();
      else if (word === "bin" && number !== undefined) token.lastIndex += Math.max(0, Number(number));
    } else if (symbol === "*") group.shown = false;
    else if (!group.shown) continue;
    else if (hex !== undefined) {
      if (toSkip > 0) toSkip -= 1;
      else text.add(windows1252.decode(Buffer.from(hex, "hex")));
    } else if (symbol !== undefined) text.add(symbol === "~" ? " " : /[\\{}]/.test(symbol) ? symbol : "");
    else if (plain !== undefined) {
      const kept = plain.replace(/[\r\n]/g, "").slice(toSkip);
      toSkip = 0;
      text.add(windows1252.decode(Buffer.from(kept, "latin1")));
    }
  }
  return text.end();
}
