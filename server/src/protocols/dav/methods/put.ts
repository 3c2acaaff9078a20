import { endUnreadBody } from "../../shared/end-unread-body.ts";
import { lendBody } from "../../shared/lend-body.ts";
import { checkConditions } from "../check-conditions.ts";
import { checkIf } from "../check-if.ts";
import { answer, type DavMethod } from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import { readUpload } from "../read-upload.ts";
import { requireMethod } from "../require-method.ts";

/**
 * RFC 4918 section 9.7. Whatever can be known is judged before the first byte is read, so that a client that waits for "100
 * Continue" sends nothing in vain.
 */
export const put: DavMethod = async (call) => {
  const { tree, names, request } = call;
  const upload = readUpload(request);
  const existing = await tree.find(names);
  if (existing?.isCollection) throw new DavError(409, "PUT is not allowed on non-files.");
  requireMethod(tree.allow(existing), "PUT");
  await checkIf(call, existing);
  checkConditions(call, existing);
  await tree.checkPut?.(names, existing, upload);
  const written = await tree.put!(names, existing, upload, lendBody(request));
  endUnreadBody(request, call.response);
  answer(call, written.isNew ? 201 : 204, { ...written.headers });
};
