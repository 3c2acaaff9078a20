import { parseLockToken } from "../../../formats/dav-xml/request-headers.ts";
import { checkConditions } from "../check-conditions.ts";
import { checkIf } from "../check-if.ts";
import { answer, type DavMethod, findTarget, header } from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import { requireMethod } from "../require-method.ts";
import { answerByHand } from "./lock.ts";

/** RFC 4918 section 9.11. */
export const unlock: DavMethod = async (call) => {
  if (header(call, "x-user-lock") !== undefined) return answerByHand(call, false);
  const resource = await findTarget(call);
  requireMethod(call.tree.allow(resource), "UNLOCK");
  const token = parseLockToken(header(call, "lock-token"));
  if (token === undefined)
    throw new DavError(400, "The Lock-Token header is missing or malformed", { header: "Lock-Token" });
  await checkIf(call, resource);
  checkConditions(call, resource);
  await call.tree.locks!.release(resource, token);
  answer(call, 204);
};
