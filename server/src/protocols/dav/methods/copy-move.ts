import { parseOverwrite } from "../../../formats/dav-xml/request-headers.ts";
import { checkConditions } from "../check-conditions.ts";
import { checkIf } from "../check-if.ts";
import { answer, type DavCall, type DavMethod, findTarget, header, locateReference, readDepth } from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import type { DavDestination, DavResource, DavWritten } from "../dav-tree.ts";
import { requireMethod } from "../require-method.ts";
import { answerLocked } from "./answer-locked.ts";

/** RFC 4918 section 9.8. */
export const copy: DavMethod = async (call) => {
  const source = await findTarget(call);
  requireMethod(call.tree.allow(source), "COPY");
  const depth = readDepth(call, "infinity");
  if (depth === "1") throw new DavError(400, "A copy has a depth of 0 or infinity", { header: "Depth" });
  await run(call, source, (destination) => call.tree.copy!(source, destination, depth));
};

/** RFC 4918 section 9.9. */
export const move: DavMethod = async (call) => {
  const source = await findTarget(call);
  requireMethod(call.tree.allow(source), "MOVE");
  if (source.isCollection && readDepth(call, "infinity") !== "infinity") {
    throw new DavError(400, "A collection is moved with all it holds", { header: "Depth" });
  }
  await run(call, source, (destination) => call.tree.move!(source, destination));
};

async function run(
  call: DavCall,
  source: DavResource,
  write: (destination: DavDestination) => Promise<DavWritten>,
): Promise<void> {
  const destination = await readDestination(call);
  requireApart(call, destination);
  await checkIf(call, source, destination);
  checkConditions(call, source);
  if (destination.existing && !destination.overwrite) {
    throw new DavError(412, "The destination node already exists, and the overwrite header is set to false", {
      header: "Overwrite",
    });
  }
  await answerLocked(call, async () => {
    const { isNew, headers } = await write(destination);
    answer(call, isNew ? 201 : 204, { ...headers });
  });
}

/** @throws DavError 400, 502 */
async function readDestination(call: DavCall): Promise<DavDestination> {
  const reference = header(call, "destination");
  if (reference === undefined) throw new DavError(400, "The Destination header is missing", { header: "Destination" });
  const overwrite = parseOverwrite(header(call, "overwrite"));
  if (overwrite === undefined) throw new DavError(400, "The Overwrite header is T or F", { header: "Overwrite" });
  const target = await locateReference(call, reference);
  // Of another server (RFC 4918 section 9.8.5), or of somebody else's tree.
  if (!target) throw new DavError(502, "The destination is not within reach", { header: "Destination" });
  return {
    tree: target.tree,
    names: target.names,
    existing: await target.tree.find(target.names),
    overwrite,
    headers: call.request.headers,
  };
}

/** Neither on itself (403) nor into itself; nor in the place of a folder that holds it (409). */
function requireApart(call: DavCall, destination: DavDestination): void {
  const { space = call.tree } = call.tree;
  if (destination.tree !== call.tree && destination.tree.space !== space) return;
  const from = call.names.map((name) => name.normalize("NFC"));
  const to = destination.names.map((name) => name.normalize("NFC"));
  const shared = from.findIndex((name, index) => name !== to[index]);
  const isBeneath = shared === -1;
  if (isBeneath && from.length === to.length) {
    // To write the same name in another normal form is a way to say nothing.
    throw new DavError(403, "Source and destination uri are identical.");
  }
  if (isBeneath) throw new DavError(409, "The destination may not be part of the same subtree as the source path.");
  if (to.every((name, index) => name === from[index])) {
    throw new DavError(409, "The destination holds the source");
  }
}
