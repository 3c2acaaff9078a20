import type { StringArgument } from "./ast.ts";
import type { Machine } from "./machine.ts";
import { type Position, SieveError } from "./sieve-error.ts";

/** A string of a script: constant, or with variables to be put in when it is used. */
export interface Text {
  readonly position: Position;
  /** The string, when it holds no variable. */
  readonly constant: string | undefined;
  read(machine: Machine): string;
}

export interface TextFeatures {
  readonly hasVariables: boolean;
  readonly hasEncodedCharacters: boolean;
  readonly hasInclude: boolean;
}

/** @throws SieveError for a character that does not exist, or a variable of a namespace that is not there */
export function compileText(argument: StringArgument, features: TextFeatures): Text {
  const { position } = argument;
  const value = features.hasEncodedCharacters ? decodeCharacters(argument.value, position) : argument.value;
  const pieces = features.hasVariables && value.includes("${") ? splitVariables(value, position, features) : [value];
  if (pieces.every((piece) => typeof piece === "string")) {
    const constant = pieces.join("");
    return { position, constant, read: () => constant };
  }
  return {
    position,
    constant: undefined,
    read(machine) {
      let result = "";
      for (const piece of pieces) result += typeof piece === "string" ? piece : piece(machine);
      return machine.cut(result);
    },
  };
}

const encoded = /\$\{(hex|unicode):([\s0-9a-f]*)\}/gi;

/** RFC 5228 section 2.4.2.4. Octets of several `${hex:}` may make one character. */
function decodeCharacters(text: string, position: Position): string {
  if (!text.includes("${")) return text;
  const chunks: Buffer[] = [];
  let end = 0;
  for (const match of text.matchAll(encoded)) {
    const octets = match[1]!.toLowerCase() === "hex" ? readHex(match[2]!) : readUnicode(match[2]!, position);
    if (octets === null) continue;
    chunks.push(Buffer.from(text.slice(end, match.index), "utf8"), octets);
    end = match.index + match[0].length;
  }
  chunks.push(Buffer.from(text.slice(end), "utf8"));
  return Buffer.concat(chunks).toString("utf8");
}

/** Pairs of digits with white space between; null when it is something else, which stands for itself. */
function readHex(text: string): Buffer | null {
  const pairs = text.trim().split(/\s+/);
  return pairs.every((pair) => /^[0-9a-f]{1,2}$/i.test(pair))
    ? Buffer.from(pairs.map((pair) => Number.parseInt(pair, 16)))
    : null;
}

function readUnicode(text: string, position: Position): Buffer | null {
  const codes = text.trim().split(/\s+/);
  if (!codes.every((code) => /^[0-9a-f]+$/i.test(code))) return null;
  const points = codes.map((code) => Number.parseInt(code, 16));
  const wrong = points.find((point) => point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff));
  if (wrong !== undefined) throw new SieveError(`There is no character ${wrong.toString(16)}`, position);
  return Buffer.from(String.fromCodePoint(...points), "utf8");
}

const reference = /\$\{(?:([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*)|([0-9]+))\}/gi;

/** RFC 5229 section 3. What is not a reference stands for itself. */
function splitVariables(
  text: string,
  position: Position,
  features: TextFeatures,
): (string | ((machine: Machine) => string))[] {
  const pieces: (string | ((machine: Machine) => string))[] = [];
  let end = 0;
  for (const match of text.matchAll(reference)) {
    pieces.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[2] !== undefined) {
      const index = Number(match[2]);
      pieces.push((machine) => machine.scope.matches[index] ?? "");
      continue;
    }
    const name = checkVariableName(match[1]!, position, features);
    pieces.push((machine) => machine.getVariable(name));
  }
  pieces.push(text.slice(end));
  return pieces.filter((piece) => piece !== "");
}

/**
 * @returns the name in lower case
 * @throws SieveError when it is not the name of a variable that this script may use
 */
export function checkVariableName(text: string, position: Position, features: TextFeatures): string {
  const name = text.toLowerCase();
  const [namespace, rest, ...more] = name.split(".");
  if (rest === undefined && /^[a-z_][a-z0-9_]*$/.test(name)) return name;
  const isGlobal = features.hasInclude && namespace === "global" && more.length === 0;
  if (isGlobal && rest !== undefined && /^[a-z_][a-z0-9_]*$/.test(rest)) return name;
  throw new SieveError(`There is no variable “${text.slice(0, 60)}”`, position);
}
