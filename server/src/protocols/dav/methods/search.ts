import { readPathNames, writePathNames } from "../../../formats/dav-xml/path-names.ts";
import { readSearch } from "../../../formats/dav-xml/read-search.ts";
import {
  type DavCall,
  type DavMethod,
  type DavTarget,
  findTarget,
  locateReference,
  requireXmlBody,
} from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import { requireMethod } from "../require-method.ts";
import { sendReport } from "./report.ts";

/** RFC 5323 with the grammar basicsearch. Clients name their scope from the root of all trees: `/files/<uid>/…`. */
export const search: DavMethod = async (call) => {
  const root = await requireXmlBody(call);
  requireMethod(call.tree.allow(await call.tree.find(call.names)), "SEARCH");
  const query = readSearch(root);
  const scope = await locateScope(call, query.scope);
  if (!scope?.tree.search) throw badScope();
  const resource = await findTarget(scope);
  await sendReport(call, scope.tree, await scope.tree.search(resource, query));
};

async function locateScope(call: DavCall, href: string): Promise<DavTarget | undefined> {
  if (!href.startsWith("/") || href.startsWith(call.tree.root)) {
    const found = await locateReference(call, href);
    if (found?.tree.search) return found;
  }
  const names = readPathNames(href);
  return names && call.locate(`${call.tree.root}${writePathNames(names)}`);
}

/** RFC 5323 section 2.3.1. */
function badScope(): DavError {
  return new DavError(409, "There is nothing to search in this scope", { condition: "<d:search-scope-valid/>" });
}
