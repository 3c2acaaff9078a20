import type { ServerResponse } from "node:http";
import type { PropertyRequest } from "../../formats/dav-xml/read-property-requests.ts";
import { escapeText, startDocument, tagsOf } from "../../formats/dav-xml/write-xml.ts";
import type { XmlName } from "../../formats/dav-xml/xml-names.ts";
import { ClientGone } from "./client-gone.ts";
import { type DavCall, hrefOf } from "./dav-call.ts";
import type { AnswerHeaders, DavResource, DavTree } from "./dav-tree.ts";
import type { PropertyReader } from "./property-table.ts";

/** How much is gathered before it is sent: what fits is sent whole, with its length. */
const bufferLength = 64 * 1_024;

export const reasons: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  204: "No Content",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  412: "Precondition Failed",
  422: "Unprocessable Entity",
  423: "Locked",
  424: "Failed Dependency",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  507: "Insufficient Storage",
};

export function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${reasons[status] ?? ""}`;
}

/** A 207 answer (RFC 4918 section 13) that is sent as it grows; nothing is sent before the first part is certain. */
export class MultistatusWriter {
  readonly #call: DavCall;
  readonly #headers: AnswerHeaders;
  #pending: string;
  #begun = false;

  constructor(call: DavCall, headers: AnswerHeaders = {}) {
    this.#call = call;
    this.#headers = { "content-type": "application/xml; charset=utf-8", ...headers };
    this.#pending = startDocument("d:multistatus");
  }

  /** Resolves when the client has room for more. @throws when the client went away */
  async write(xml: string): Promise<void> {
    this.#pending += xml;
    if (this.#pending.length < bufferLength) return;
    const { response } = this.#call;
    if (response.destroyed) throw new ClientGone();
    if (!this.#begun) response.writeHead(207, this.#headers);
    this.#begun = true;
    const text = this.#pending;
    this.#pending = "";
    if (response.write(text)) return;
    await roomIn(response);
  }

  end(closing = ""): void {
    const { response } = this.#call;
    const bytes = Buffer.from(`${this.#pending}${closing}</d:multistatus>`);
    if (!this.#begun) response.writeHead(207, { ...this.#headers, "content-length": bytes.length });
    response.end(bytes);
  }
}

/** Resolves when more may be written, or nobody reads any more. */
function roomIn(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const settle = (): void => {
    response.off("drain", settle).off("close", settle);
    resolve();
  };
  response.once("drain", settle).once("close", settle);
  return promise;
}

/** How the parts of one request are written; made once for a whole listing. */
export interface ResponseStyle {
  readonly tree: DavTree;
  readonly request: PropertyRequest;
  /** Properties that a resource lacks are left out (RFC 8144 section 2.1). */
  readonly isMinimal: boolean;
}

export function writeResponse<R extends DavResource>(
  style: ResponseStyle,
  resource: R,
  reader: PropertyReader<R>,
): string {
  const { request, tree } = style;
  const href = `<d:response><d:href>${escapeText(hrefOf(tree, resource))}</d:href>`;
  if (request.kind === "propname") {
    const names = [...reader.all(resource)].map((name) => tagsOf(name).empty).join("");
    return `${href}${propstat(names, 200)}</d:response>`;
  }
  const wanted: Iterable<XmlName> =
    request.kind === "prop" ? request.names : new Set([...reader.ordinary(resource), ...request.include]);
  let found = "";
  let missing = "";
  for (const name of wanted) {
    const element = reader.element(resource, name);
    if (element !== undefined) found += element;
    else if (request.kind === "prop" || request.include.includes(name)) missing += emptyTag(name);
  }
  const showsMissing = missing !== "" && !style.isMinimal;
  // Each response has a propstat or a status, even when nothing was asked or found.
  const good = found !== "" || !showsMissing ? propstat(found, 200) : "";
  return `${href}${good}${showsMissing ? propstat(missing, 404) : ""}</d:response>`;
}

export function propstat(properties: string, status: number, error?: string): string {
  const prop = properties === "" ? "<d:prop/>" : `<d:prop>${properties}</d:prop>`;
  const condition = error === undefined ? "" : `<d:error>${error}</d:error>`;
  return `<d:propstat>${prop}<d:status>${statusLine(status)}</d:status>${condition}</d:propstat>`;
}

/** A member with a status instead of properties. */
export function writeStatus(href: string, status: number, error?: string): string {
  const condition = error === undefined ? "" : `<d:error>${error}</d:error>`;
  return `<d:response><d:href>${escapeText(href)}</d:href><d:status>${statusLine(status)}</d:status>${condition}</d:response>`;
}

const emptyTags = new Map<XmlName, string>();

function emptyTag(name: XmlName): string {
  const known = emptyTags.get(name);
  if (known !== undefined) return known;
  const { empty } = tagsOf(name);
  // Names come from clients: only the first ones are remembered.
  if (emptyTags.size < 500) emptyTags.set(name, empty);
  return empty;
}
