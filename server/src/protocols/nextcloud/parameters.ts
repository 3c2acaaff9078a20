import type { IncomingMessage } from "node:http";
import { DomainError } from "../../domain/errors.ts";

/** Of a body: parameters are short. Bytes. */
const maxBody = 256 * 1024;
const maxParameters = 1_000;

type Value = string | number | boolean | null | readonly unknown[] | object;

/** What a call was given, whether as a query, a form or JSON. Each reader says `invalid` of what it cannot take. */
export class Parameters {
  readonly #values: ReadonlyMap<string, Value>;

  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** @throws DomainError `invalid` for a list or an object */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value === "object") throw malformed(name);
    return typeof value === "boolean" ? (value ? "1" : "0") : String(value);
  }

  /** An empty text counts as nothing. @throws DomainError `invalid` */
  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined || text === "") return undefined;
    if (!/^-?\d{1,15}$/.test(text)) throw malformed(name);
    return Number(text);
  }

  /** `true`, `1`, `yes` and `on` are true. */
  flag(name: string): boolean | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : /^(?:1|true|yes|on)$/i.test(text);
  }

  /** `name[]=a&name[]=b`, or a list in JSON, or one text. @throws DomainError `invalid` */
  list(name: string): string[] {
    const value = this.#values.get(name);
    if (value === undefined || value === null || value === "") return [];
    if (!Array.isArray(value)) return [this.text(name)!];
    return value.map((each) => {
      if (typeof each !== "string" && typeof each !== "number") throw malformed(name);
      return String(each);
    });
  }

  /** As it came: the caller checks. */
  raw(name: string): unknown {
    return this.#values.get(name);
  }
}

function malformed(name: string): DomainError {
  return new DomainError("invalid", `The parameter ${name} is malformed`, { data: { field: `/${name}` } });
}

/**
 * The parameters of the query and of the body.
 * @throws DomainError `invalid` for a body that is not what its Content-Type says, `too_large`
 */
export async function readParameters(request: IncomingMessage): Promise<Parameters> {
  const values = new Map<string, Value>();
  const url = (request.url ?? "").replace(/#.*$/s, "");
  const query = url.indexOf("?");
  if (query !== -1) addForm(values, url.slice(query + 1));
  if (request.method !== "GET" && request.method !== "HEAD") {
    const type = /^[^;\s]*/.exec(request.headers["content-type"] ?? "")![0].toLowerCase();
    const body = await readBody(request);
    if (body.length > 0 && type === "application/json") addJson(values, body);
    else if (body.length > 0 && (type === "" || type === "application/x-www-form-urlencoded")) {
      addForm(values, body.toString("utf8"));
    }
  }
  return new Parameters(values);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = () => new DomainError("too_large", "The request is too large");
  if (Number(request.headers["content-length"] ?? 0) > maxBody) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `a=1&b[]=2&b[]=3`, later ones winning. */
function addForm(values: Map<string, Value>, text: string): void {
  const lists = new Map<string, string[]>();
  let count = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    if (++count > maxParameters) throw new DomainError("invalid", "There are too many parameters");
    const list = /^(.+)\[\d*\]$/.exec(key)?.[1];
    if (list === undefined) values.set(key, value);
    else lists.set(list, [...(lists.get(list) ?? []), value]);
  }
  for (const [key, list] of lists) values.set(key, list);
}

function addJson(values: Map<string, Value>, body: Buffer): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    throw new DomainError("invalid", "The body is no JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return;
  for (const [key, value] of Object.entries(parsed)) values.set(key, value as Value);
}
