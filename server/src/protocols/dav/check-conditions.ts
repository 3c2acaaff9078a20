import { evaluateConditions } from "../../formats/dav-xml/conditions.ts";
import type { DavCall } from "./dav-call.ts";
import { DavError } from "./dav-error.ts";
import type { DavResource } from "./dav-tree.ts";

const refusals = {
  "if-match": ["If-Match", "An If-Match header was specified, but none of the specified ETags matched."],
  "if-none-match": [
    "If-None-Match",
    "An If-None-Match header was specified, but the ETag matched (or * was specified).",
  ],
  "if-unmodified-since": [
    "If-Unmodified-Since",
    "An If-Unmodified-Since header was specified, but the entity has been changed since the specified date.",
  ],
} as const;

/**
 * The conditions of RFC 9110 section 13, for any method.
 * @returns false for 304: GET and HEAD answer it themselves
 * @throws DavError 412, with the ETag that is
 */
export function checkConditions(call: DavCall, resource: DavResource | undefined): boolean {
  const current = resource && { etag: resource.etag, modifiedAt: resource.modifiedAt };
  const outcome = evaluateConditions(call.request.headers, current, call.method);
  if (outcome === "proceed") return true;
  if (outcome === "not_modified") return false;
  const [name, message] = refusals[outcome];
  throw new DavError(412, message, {
    header: name,
    ...(resource?.etag !== undefined && { headers: { etag: resource.etag } }),
  });
}
