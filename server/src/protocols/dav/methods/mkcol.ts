import { type PropertyChange, readMkcol } from "../../../formats/dav-xml/read-property-requests.ts";
import { childElements } from "../../../formats/dav-xml/xml-element.ts";
import { dav } from "../../../formats/dav-xml/xml-names.ts";
import { checkConditions } from "../check-conditions.ts";
import { checkIf } from "../check-if.ts";
import { answer, type DavCall, type DavMethod, header, readXmlBody } from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import { notPossible, requireMethod } from "../require-method.ts";
import { answerLocked } from "./answer-locked.ts";

/** RFC 4918 section 9.3, with properties as RFC 5689 has them. */
export const mkcol: DavMethod = async (call) => {
  const { tree, names } = call;
  const existing = await tree.find(names);
  if (existing) throw notPossible(tree.allow(existing), "The resource you tried to create already exists");
  requireMethod(tree.allow(undefined), "MKCOL");
  const properties = await readProperties(call);
  await checkIf(call, undefined);
  checkConditions(call, undefined);
  await answerLocked(call, async () => {
    const { headers } = await tree.makeCollection!(names, properties, call.request.headers);
    answer(call, 201, { ...headers });
  });
};

/** @throws DavError 403, 415 */
async function readProperties(call: DavCall): Promise<PropertyChange[]> {
  const { "content-length": length = "0", "transfer-encoding": encoding } = call.request.headers;
  if (length === "0" && encoding === undefined) return [];
  if (!/^(application|text)\/xml\b/i.test(header(call, "content-type") ?? "")) {
    throw new DavError(415, "The body of a MKCOL is XML, or there is none");
  }
  const root = await readXmlBody(call);
  if (!root) return [];
  const changes = readMkcol(root);
  for (const change of changes) {
    if (change.name !== dav("resourcetype") || change.kind !== "set") continue;
    const types = childElements(change.element);
    if (types.length !== 1 || types[0]?.name !== dav("collection")) {
      throw new DavError(403, "Only plain collections are made here", { condition: "<d:valid-resourcetype/>" });
    }
  }
  return changes.filter(({ name }) => name !== dav("resourcetype"));
}
