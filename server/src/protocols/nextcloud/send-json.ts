import type { IncomingMessage, ServerResponse } from "node:http";

/** An answer of the calls outside of OCS: bare JSON. */
export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-cache, no-store, must-revalidate",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
    ...(!request.complete && request.method !== "GET" && request.method !== "HEAD" && { connection: "close" }),
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
