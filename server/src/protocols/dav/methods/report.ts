import { checkIf } from "../check-if.ts";
import {
  type DavCall,
  type DavMethod,
  findTarget,
  hrefOf,
  hrefOfNames,
  readDepth,
  requireXmlBody,
} from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import type { DavMatch, DavReport, DavTree } from "../dav-tree.ts";
import { inBatches } from "../in-batches.ts";
import { MultistatusWriter, type ResponseStyle, writeResponse, writeStatus } from "../multistatus.ts";
import { requireMethod } from "../require-method.ts";

/** RFC 3253 section 3.6: the tree knows which reports there are. */
export const report: DavMethod = async (call) => {
  const root = await requireXmlBody(call);
  const resource = await findTarget(call);
  requireMethod(call.tree.allow(resource), "REPORT");
  await checkIf(call, resource);
  if (!call.tree.report) throw unknownReport();
  await sendReport(call, call.tree, await call.tree.report(resource, root, readDepth(call, "0")));
};

/** RFC 3253 section 3.6 (`supported-report`). */
export function unknownReport(): DavError {
  return new DavError(403, "This report is not known here", { condition: "<d:supported-report/>" });
}

/** Also for SEARCH, whose scope may be in another tree than its URL. */
export async function sendReport(call: DavCall, tree: DavTree, made: DavReport): Promise<void> {
  const style: ResponseStyle = { tree, request: made.request, isMinimal: false };
  const writer = new MultistatusWriter(call);
  for await (const batch of inBatches<DavMatch>(made.matches)) {
    const reader = await tree.readProperties(
      batch.flatMap(({ resource, status }) => (resource && status === undefined ? [resource] : [])),
      made.request,
    );
    for (const { names, resource, status, error } of batch) {
      if (resource && status === undefined) await writer.write(writeResponse(style, resource, reader));
      else {
        const href = resource ? hrefOf(tree, resource) : hrefOfNames(tree, names);
        await writer.write(writeStatus(href, status ?? 404, error));
      }
    }
  }
  writer.end(made.closing?.() ?? "");
}
