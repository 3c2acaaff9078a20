import { fromBlobId } from "../blob-id.ts";
import {
  InvalidValue,
  isId,
  isObject,
  type JsonObject,
  listOf,
  nullable,
  object,
  optional,
  type Read,
  text,
  unsignedInt,
} from "../read-arguments.ts";
import { invalidProperties } from "../standard-set.ts";
import { type NewHeader, readPartHeaders } from "./new-headers.ts";

/** A body part to write. */
export interface NewPart {
  /** Lower case, `type/subtype`. */
  type: string;
  content: { text: string } | { blobId: string } | { parts: NewPart[] };
  name: string | undefined;
  charset: string | undefined;
  disposition: string | undefined;
  cid: string | undefined;
  language: string[] | undefined;
  location: string | undefined;
  headers: NewHeader[];
}

const maxDepth = 20;
const maxParts = 500;

const token = /^[A-Za-z0-9!#$&^_.+-]{1,100}$/;
const visible: Read<string> = (value) => {
  const given = text(value).toWellFormed();
  if (/[\x00-\x1f\x7f]/.test(given) || given.length > 1_000) throw new InvalidValue("holds control characters");
  return given;
};
const tokenText: Read<string> = (value) => {
  const given = text(value);
  if (!token.test(given)) throw new InvalidValue("must be a token");
  return given.toLowerCase();
};
const mediaType: Read<string> = (value) => {
  const given = text(value);
  const [type = "", subtype = "", ...rest] = given.split("/");
  if (!token.test(type) || !token.test(subtype) || rest.length > 0) throw new InvalidValue("must be a media type");
  return given.toLowerCase();
};
const contentId: Read<string> = (value) => {
  const given = text(value);
  if (!/^[\x21-\x3b\x3d\x3f-\x7e]{1,500}$/.test(given)) throw new InvalidValue("must be a Content-ID");
  return given;
};
const languages: Read<string[]> = (value) => listOf(tokenText)(value);

/**
 * Reads the body of an Email to create: `bodyStructure`, or `textBody`, `htmlBody` and `attachments`.
 * @param values texts by partId
 * @throws SetFailure `invalidProperties`
 */
export function readNewBody(properties: JsonObject, values: ReadonlyMap<string, string>): NewPart {
  const { bodyStructure, textBody, htmlBody, attachments } = properties;
  const reader = new PartReader(values);
  if (bodyStructure !== undefined) {
    const others = ["textBody", "htmlBody", "attachments"].filter((name) => properties[name] !== undefined);
    if (others.length > 0) throw invalidProperties(["bodyStructure", ...others]);
    return reader.named("bodyStructure", () => reader.read(bodyStructure, 0));
  }
  const single = (name: string, given: unknown, type: string): NewPart | undefined => {
    if (given === undefined || given === null) return undefined;
    const list = reader.named(name, () => listOf((each) => reader.read(each, 0, type))(given));
    if (list.length !== 1 || list[0]!.type !== type) throw invalidProperties([name], `${name} is one part of ${type}`);
    return list[0];
  };
  const plain = single("textBody", textBody, "text/plain");
  const html = single("htmlBody", htmlBody, "text/html");
  const attached = reader.named(
    "attachments",
    () => nullable(listOf((each) => reader.read(each, 0)))(attachments) ?? [],
  );
  return assemble(plain, html, attached);
}

/** Text and HTML as alternatives, images that the HTML shows related to it, the rest beside them. */
function assemble(plain: NewPart | undefined, html: NewPart | undefined, attachments: readonly NewPart[]): NewPart {
  const isShown = (part: NewPart): boolean =>
    html !== undefined && part.cid !== undefined && part.disposition === "inline";
  const shown = attachments.filter(isShown);
  const others = attachments.filter((part) => !isShown(part));
  const rich = html && shown.length > 0 ? multipart("related", [html, ...shown]) : html;
  const body = plain && rich ? multipart("alternative", [plain, rich]) : (plain ?? rich);
  for (const part of others) part.disposition ??= "attachment";
  if (others.length > 0) return multipart("mixed", body ? [body, ...others] : others);
  return body ?? { ...leaf, type: "text/plain", content: { text: "" } };
}

const leaf = {
  name: undefined,
  charset: undefined,
  disposition: undefined,
  cid: undefined,
  language: undefined,
  location: undefined,
  headers: [],
};

function multipart(subtype: string, parts: NewPart[]): NewPart {
  return { ...leaf, type: `multipart/${subtype}`, content: { parts } };
}

class PartReader {
  readonly #values: ReadonlyMap<string, string>;
  #count = 0;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  named<T>(property: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      throw invalidProperties([property], `${property}: ${error.message}`);
    }
  }

  read(value: unknown, depth: number, defaultType = "text/plain"): NewPart {
    if (depth > maxDepth || ++this.#count > maxParts) throw new InvalidValue("there are too many parts");
    const given = object(value);
    const headers = Object.entries(given).filter(([name]) => name.startsWith("header:"));
    const { type, size, partId, blobId, subParts, name, charset, disposition, cid, language, location, ...rest } =
      given;
    const unknown = Object.keys(rest).find((each) => !each.startsWith("header:"));
    if (unknown !== undefined) throw new InvalidValue(`there is no “${unknown.slice(0, 100)}”`);
    optional(unsignedInt)(size);
    const hasParts = subParts !== undefined && subParts !== null;
    const fallback = hasParts ? "multipart/mixed" : blobId ? "application/octet-stream" : defaultType;
    const mime = nullable(mediaType)(type) ?? fallback;
    const set = nullable(tokenText)(charset);
    if (set !== undefined && typeof partId === "string")
      throw new InvalidValue("the charset of a text is ours to choose");
    return {
      type: mime,
      content: this.#content(given, mime, depth),
      name: nullable(visible)(name),
      charset: set,
      disposition: nullable(tokenText)(disposition),
      cid: nullable(contentId)(cid),
      language: nullable(languages)(language),
      location: nullable(visible)(location),
      headers: readPartHeaders(headers),
    };
  }

  #content({ partId, blobId, subParts }: JsonObject, type: string, depth: number): NewPart["content"] {
    const isMultipart = type.startsWith("multipart/");
    if (isMultipart || Array.isArray(subParts)) {
      if (!isMultipart || !Array.isArray(subParts) || partId || blobId) {
        throw new InvalidValue("subParts belong to a multipart type");
      }
      if (!subParts.every(isObject)) throw new InvalidValue("subParts are parts");
      return { parts: subParts.map((each) => this.read(each, depth + 1)) };
    }
    if (typeof partId === "string") {
      const value = this.#values.get(partId);
      if (blobId || value === undefined) throw new InvalidValue("partId is that of a body value");
      if (!type.startsWith("text/")) throw new InvalidValue("a body value is text");
      return { text: value };
    }
    if (!isId(blobId)) throw new InvalidValue("a part has a partId or a blobId");
    return { blobId: fromBlobId(blobId) };
  }
}
