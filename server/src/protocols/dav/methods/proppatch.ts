import { readPropertyUpdate } from "../../../formats/dav-xml/read-property-requests.ts";
import { parsePreferences } from "../../../formats/dav-xml/request-headers.ts";
import { escapeText, tagsOf } from "../../../formats/dav-xml/write-xml.ts";
import type { XmlName } from "../../../formats/dav-xml/xml-names.ts";
import { checkConditions } from "../check-conditions.ts";
import { checkIf } from "../check-if.ts";
import { answer, type DavMethod, findTarget, header, hrefOf, requireXmlBody } from "../dav-call.ts";
import type { PropertyStatus } from "../dav-tree.ts";
import { MultistatusWriter, propstat } from "../multistatus.ts";
import { requireMethod } from "../require-method.ts";

/** RFC 4918 section 9.2. */
export const proppatch: DavMethod = async (call) => {
  const { tree } = call;
  const changes = readPropertyUpdate(await requireXmlBody(call));
  const resource = await findTarget(call);
  requireMethod(tree.allow(resource), "PROPPATCH");
  await checkIf(call, resource);
  checkConditions(call, resource);
  const outcome = await tree.patchProperties!(resource, changes);
  const isGood = [...outcome.values()].every(({ status }) => status === 200);
  const { return: preference } = parsePreferences(header(call, "prefer"), header(call, "brief"));
  if (isGood && preference === "minimal") {
    return answer(call, 204, { "preference-applied": "return=minimal" });
  }
  const writer = new MultistatusWriter(call);
  const href = escapeText(hrefOf(tree, resource));
  await writer.write(`<d:response><d:href>${href}</d:href>${writePropstats(outcome)}</d:response>`);
  writer.end();
};

/** One propstat for each status, the good ones first. */
export function writePropstats(outcome: ReadonlyMap<XmlName, PropertyStatus>): string {
  const groups = new Map<string, { status: PropertyStatus; names: XmlName[] }>();
  for (const [name, status] of outcome) {
    const key = `${status.status} ${status.error ?? ""}`;
    const group = groups.get(key) ?? { status, names: [] };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()]
    .sort((a, b) => a.status.status - b.status.status)
    .map(({ status, names }) => propstat(names.map((name) => tagsOf(name).empty).join(""), status.status, status.error))
    .join("");
}
