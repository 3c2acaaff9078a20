import { checkConditions } from "../check-conditions.ts";
import { checkIf } from "../check-if.ts";
import { answer, type DavMethod, findTarget, readDepth } from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import { requireMethod } from "../require-method.ts";
import { answerLocked } from "./answer-locked.ts";

/** RFC 4918 section 9.6. */
export const remove: DavMethod = async (call) => {
  const { tree } = call;
  const resource = await findTarget(call);
  requireMethod(tree.allow(resource), "DELETE");
  if (resource.isCollection && readDepth(call, "infinity") !== "infinity") {
    throw new DavError(400, "A collection is deleted with all it holds", { header: "Depth" });
  }
  await checkIf(call, resource);
  checkConditions(call, resource);
  await answerLocked(call, async () => answer(call, 204, { ...(await tree.remove!(resource)) }));
};
