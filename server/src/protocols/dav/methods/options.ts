import { answer, type DavMethod } from "../dav-call.ts";

/** RFC 4918 section 18, RFC 5323 section 3 for DASL. */
export const options: DavMethod = async (call) => {
  const resource = await call.tree.find(call.names);
  const allowed = call.tree.allow(resource);
  answer(call, 200, {
    dav: call.tree.compliance,
    allow: allowed.join(", "),
    "ms-author-via": "DAV",
    "accept-ranges": "bytes",
    ...(allowed.includes("SEARCH") && { dasl: "<DAV:basicsearch>" }),
  });
};
