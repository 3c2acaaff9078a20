import { DomainError } from "../errors.ts";

/** Bytes of UTF-8: what file systems of synchronizing computers take. */
const longest = 255;

function refuse(reason: "name_empty" | "name_too_long" | "name_forbidden", message: string): never {
  throw new DomainError("invalid", message, { data: { reason, field: "/name" } });
}

/**
 * The name as it is kept: NFC, otherwise untouched (spaces, direction marks and reserved words of other systems are names).
 * @throws DomainError `invalid` with data.reason
 */
export function checkName(text: string): string {
  // A lone surrogate has no UTF-8: it would come back as another name.
  if (!text.isWellFormed()) refuse("name_forbidden", "This name is not valid Unicode");
  const name = text.normalize("NFC");
  if (name.trim() === "") refuse("name_empty", "A name is needed");
  if (Buffer.byteLength(name) > longest) refuse("name_too_long", `A name has at most ${longest} bytes`);
  if (name === "." || name === ".." || /[/\p{Cc}]/u.test(name)) {
    refuse("name_forbidden", "A name has no slash and no control character, and is not a dot or two");
  }
  return name;
}

/** A name made of any text: what no name may hold is a dash. */
export function cutName(text: string): string {
  const plain = text
    .toWellFormed()
    .normalize("NFC")
    .replace(/[/\p{Cc}]/gu, "-")
    .trim();
  return plain === "" || plain === "." || plain === ".." ? "-" : shorten(plain, longest).trimEnd();
}

/** « rapport.pdf » and 2 give « rapport (2).pdf »: the number stands before the extension, the whole within the longest name. */
export function numberedName(name: string, number: number, kind: "folder" | "file"): string {
  const extension = kind === "file" ? (/(?<=.)(\.tar)?\.[^. ]{1,16}$/su.exec(name)?.[0] ?? "") : "";
  const ending = ` (${number})${extension}`;
  const base = name.slice(0, name.length - extension.length);
  return shorten(base, longest - Buffer.byteLength(ending)) + ending;
}

function shorten(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let kept = "";
  let length = 0;
  for (const { segment } of new Intl.Segmenter("fr").segment(text)) {
    length += Buffer.byteLength(segment);
    if (length > bytes) break;
    kept += segment;
  }
  return kept;
}
