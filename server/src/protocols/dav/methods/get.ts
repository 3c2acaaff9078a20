import { randomBytes } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { parseRanges, type Span } from "../../../formats/dav-xml/byte-ranges.ts";
import { mayUseRange, wholeSeconds } from "../../../formats/dav-xml/conditions.ts";
import { contentDisposition } from "../../shared/content-disposition.ts";
import { uploadedContentPolicy } from "../../shared/uploaded-content-policy.ts";
import { checkConditions } from "../check-conditions.ts";
import { checkIf } from "../check-if.ts";
import { type DavCall, type DavMethod, findTarget, header } from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import type { AnswerHeaders, DavContent } from "../dav-tree.ts";
import { requireMethod } from "../require-method.ts";
import { sendPieces } from "../send-pieces.ts";

const collectionText =
  "This is the WebDAV interface. It can only be accessed by WebDAV clients such as the Nextcloud desktop sync client.\n";

/** GET and HEAD (RFC 9110 sections 13 and 14). Whatever a file is, a browser gets it as something to save, of no origin. */
export const get: DavMethod = async (call) => {
  const resource = await findTarget(call);
  requireMethod(call.tree.allow(resource), "GET");
  await checkIf(call, resource);
  const isFresh = checkConditions(call, resource);
  const validators: AnswerHeaders = {
    ...(resource.etag !== undefined && { etag: resource.etag, "oc-etag": resource.etag }),
    ...(resource.modifiedAt && { "last-modified": new Date(wholeSeconds(resource.modifiedAt)).toUTCString() }),
  };
  if (!isFresh) {
    call.response.writeHead(304, { ...validators, "cache-control": "private, no-cache" }).end();
    return;
  }
  if (!call.tree.open || resource.isCollection) return sendCollection(call, validators);
  const content = await call.tree.open(resource);
  const base: AnswerHeaders = {
    ...validators,
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    "content-disposition": contentDisposition("attachment", content.name),
    ...uploadedContentPolicy,
    ...content.headers,
  };
  const isSame = mayUseRange(header(call, "if-range"), resource);
  const spans = isSame && call.method === "GET" ? parseRanges(header(call, "range"), content.size) : undefined;
  if (spans === "unsatisfiable") {
    throw new DavError(416, "This range is outside of the file", {
      headers: { "content-range": `bytes */${content.size}` },
    });
  }
  if (spans === undefined || spans.length === 0) return sendWhole(call, content, base);
  const [first] = spans;
  if (spans.length === 1 && first) return sendSpan(call, content, first, base);
  return sendParts(call, content, spans, base);
};

function sendCollection(call: DavCall, headers: AnswerHeaders): void {
  call.response
    .writeHead(200, {
      ...headers,
      "content-type": "text/plain; charset=utf-8",
      "content-length": collectionText.length,
    })
    .end(call.method === "HEAD" ? undefined : collectionText);
}

async function sendWhole(call: DavCall, content: DavContent, headers: AnswerHeaders): Promise<void> {
  call.response.writeHead(200, { ...headers, "content-type": content.contentType, "content-length": content.size });
  if (call.method === "HEAD" || content.size === 0) return void call.response.end();
  if (content.bytes) return void call.response.end(content.bytes);
  await sendBytes(call, content);
}

async function sendSpan(call: DavCall, content: DavContent, span: Span, headers: AnswerHeaders): Promise<void> {
  call.response.writeHead(206, {
    ...headers,
    "content-type": content.contentType,
    "content-length": span.end - span.start,
    "content-range": rangeOf(span, content.size),
  });
  await sendBytes(call, content, span);
}

async function sendBytes({ response }: DavCall, content: DavContent, span?: Span): Promise<void> {
  if (!content.lend) return pipeline(content.open(span), response);
  await sendPieces(response, content.lend(span), span ? span.end - span.start : content.size);
  response.end();
}

/** multipart/byteranges (RFC 9110 section 14.6). */
async function sendParts(
  call: DavCall,
  content: DavContent,
  spans: readonly Span[],
  headers: AnswerHeaders,
): Promise<void> {
  const boundary = randomBytes(18).toString("hex");
  const head = (span: Span): string =>
    `--${boundary}\r\nContent-Type: ${content.contentType}\r\nContent-Range: ${rangeOf(span, content.size)}\r\n\r\n`;
  const end = `--${boundary}--\r\n`;
  const length = spans.reduce((sum, span) => sum + Buffer.byteLength(head(span)) + span.end - span.start + 2, 0);
  call.response.writeHead(206, {
    ...headers,
    "content-type": `multipart/byteranges; boundary=${boundary}`,
    "content-length": length + end.length,
  });
  await pipeline(async function* () {
    for (const span of spans) {
      yield Buffer.from(head(span));
      yield* content.open(span) as AsyncIterable<Buffer>;
      yield Buffer.from("\r\n");
    }
    yield Buffer.from(end);
  }, call.response);
}

function rangeOf(span: Span, size: number): string {
  return `bytes ${span.start}-${span.end - 1}/${size}`;
}
