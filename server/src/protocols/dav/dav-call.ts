import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { BadXml } from "../../formats/dav-xml/bad-xml.ts";
import type { IfList } from "../../formats/dav-xml/if-header.ts";
import { writePathNames } from "../../formats/dav-xml/path-names.ts";
import { readXml, xmlLimits } from "../../formats/dav-xml/read-xml.ts";
import { type Depth, parseDepth, parseReference } from "../../formats/dav-xml/request-headers.ts";
import type { XmlElement } from "../../formats/dav-xml/xml-element.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { DavError } from "./dav-error.ts";
import type { AnswerHeaders, DavResource, DavTree } from "./dav-tree.ts";

/** A place in a tree, mapped or not. */
export interface DavTarget {
  readonly tree: DavTree;
  readonly names: readonly string[];
}

/** One request on its way through the pipeline. */
export interface DavCall extends DavTarget {
  readonly method: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly ifLists: readonly IfList[];
  readonly log: Logger;
  /** The tree and names of a URL path, not decoded; undefined outside of what this session has. */
  locate(path: string): Promise<DavTarget | undefined>;
}

export type DavMethod = (call: DavCall) => Promise<void>;

/** The URL of a resource: collections end with a slash (RFC 4918 section 5.2). */
export function hrefOf(tree: Pick<DavTree, "root">, resource: Pick<DavResource, "names" | "isCollection">): string {
  return `${tree.root}${writePathNames(resource.names)}${resource.isCollection ? "/" : ""}`;
}

export function hrefOfNames(tree: Pick<DavTree, "root">, names: readonly string[]): string {
  return `${tree.root}${writePathNames(names)}`;
}

/** A single value of a header; the last of several is not taken for the first. */
export function header(call: Pick<DavCall, "request">, name: string): string | undefined {
  const value = call.request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** What a Destination, or a tag of an If header, names of our trees. */
export function locateReference(call: DavCall, reference: string): Promise<DavTarget | undefined> {
  const path = pathOfReference(call.request.headers, reference);
  return path === undefined ? Promise.resolve(undefined) : call.locate(path);
}

/** The path of a URI or absolute path in a header: its host is the one that the client speaks to, as it or a proxy calls it. */
export function pathOfReference(headers: IncomingHttpHeaders, reference: string): string | undefined {
  const { host, "x-forwarded-host": forwarded } = headers;
  const outer = Array.isArray(forwarded) ? forwarded[0] : forwarded;
  return parseReference(reference, outer ?? host) ?? parseReference(reference, host);
}

/** @throws DavError 400 */
export function readDepth(call: DavCall, fallback: Depth): Depth {
  const depth = parseDepth(header(call, "depth"), fallback);
  if (depth === undefined) throw new DavError(400, "The Depth header is 0, 1 or infinity", { header: "Depth" });
  return depth;
}

/** @throws DavError 404 */
export async function findTarget(call: DavTarget): Promise<DavResource> {
  const resource = await call.tree.find(call.names);
  if (!resource) throw notThere(call.names);
  return resource;
}

export function notThere(names: readonly string[]): DavError {
  return new DavError(404, `There is nothing at /${names.join("/")}`);
}

/**
 * The body as XML; undefined when there is none.
 * @throws DavError 413, BadXml
 */
export async function readXmlBody(call: DavCall): Promise<XmlElement | undefined> {
  const bytes = await readBody(call.request);
  if (bytes.length === 0) return undefined;
  return readXml(bytes);
}

/** @throws DavError 413, BadXml when there is no body */
export async function requireXmlBody(call: DavCall): Promise<XmlElement> {
  const root = await readXmlBody(call);
  if (!root) throw new BadXml("A body of XML is expected");
  return root;
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > xmlLimits.bytes) throw new DavError(413, "The XML is too long");
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > xmlLimits.bytes) throw new DavError(413, "The XML is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** An answer without a body. */
export function answer(call: DavCall, status: number, headers: AnswerHeaders = {}): void {
  const hasBody = status !== 204 && status !== 304;
  call.response.writeHead(status, { ...(hasBody && { "content-length": 0 }), ...headers }).end();
}

export function answerXml(call: DavCall, status: number, body: string, headers: AnswerHeaders = {}): void {
  const bytes = Buffer.from(body);
  call.response.writeHead(status, {
    "content-type": "application/xml; charset=utf-8",
    "content-length": bytes.length,
    ...headers,
  });
  call.response.end(bytes);
}
