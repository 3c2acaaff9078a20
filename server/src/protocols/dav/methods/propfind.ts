import { type PropertyRequest, readPropfind } from "../../../formats/dav-xml/read-property-requests.ts";
import { parsePreferences } from "../../../formats/dav-xml/request-headers.ts";
import { checkConditions } from "../check-conditions.ts";
import { checkIf } from "../check-if.ts";
import { type DavCall, type DavMethod, findTarget, header, readDepth, readXmlBody } from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import type { DavResource } from "../dav-tree.ts";
import { inBatches } from "../in-batches.ts";
import { MultistatusWriter, type ResponseStyle, writeResponse } from "../multistatus.ts";
import { requireMethod } from "../require-method.ts";

/** RFC 4918 section 9.1. What each batch needs is read at once, and sent before the next is read. */
export const propfind: DavMethod = async (call) => {
  const { tree } = call;
  const depth = readDepth(call, "infinity");
  const root = await readXmlBody(call);
  const request: PropertyRequest = root ? readPropfind(root) : { kind: "allprop", include: [] };
  const resource = await findTarget(call);
  requireMethod(tree.allow(resource), "PROPFIND");
  await checkIf(call, resource);
  checkConditions(call, resource);
  if (depth === "infinity" && resource.isCollection && !tree.walk) {
    throw new DavError(403, "A listing has a depth of 0 or 1 here", { condition: "<d:propfind-finite-depth/>" });
  }
  const preferences = parsePreferences(header(call, "prefer"), header(call, "brief"));
  const style: ResponseStyle = { tree, request, isMinimal: preferences.return === "minimal" };
  const writer = new MultistatusWriter(call, {
    dav: tree.compliance,
    vary: "Brief,Prefer",
    ...(style.isMinimal && { "preference-applied": "return=minimal" }),
  });
  const first = preferences.noRoot && depth !== "0" ? [] : [resource];
  for await (const batch of inBatches(await listed(call, resource, depth, first))) {
    const reader = await tree.readProperties(batch, request);
    for (const each of batch) await writer.write(writeResponse(style, each, reader));
  }
  writer.end();
};

/** The members of a collection come from one statement, as they were at one moment: who misses one takes it for deleted. */
async function listed(
  { tree }: DavCall,
  resource: DavResource,
  depth: string,
  first: readonly DavResource[],
): Promise<readonly DavResource[] | AsyncIterable<DavResource>> {
  if (depth === "0" || !resource.isCollection) return first;
  if (depth === "1") return [...first, ...(await tree.children(resource))];
  return startingWith(first, tree.walk!(resource));
}

async function* startingWith<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}
