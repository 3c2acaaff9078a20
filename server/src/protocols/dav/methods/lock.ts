import { submittedTokens } from "../../../formats/dav-xml/if-header.ts";
import { readLockInfo } from "../../../formats/dav-xml/read-lockinfo.ts";
import { parseTimeout } from "../../../formats/dav-xml/request-headers.ts";
import { escapeText, serializeElement, startDocument } from "../../../formats/dav-xml/write-xml.ts";
import { checkConditions } from "../check-conditions.ts";
import { checkIf } from "../check-if.ts";
import {
  answerXml,
  type DavCall,
  type DavMethod,
  findTarget,
  header,
  hrefOfNames,
  readDepth,
  readXmlBody,
} from "../dav-call.ts";
import { DavError } from "../dav-error.ts";
import type { DavLock } from "../dav-tree.ts";
import { writeActiveLock } from "../lock-xml.ts";
import { LockedError } from "../locked-error.ts";
import { requireMethod } from "../require-method.ts";

const longestOwner = 2_000;
/** The types of files_lock. 1 is of editors in the browser, which lock by their own way. */
export const handKinds: ReadonlyMap<string, "user" | "dav"> = new Map([
  ["0", "user"],
  ["2", "dav"],
]);

/** RFC 4918 section 9.10: a new lock, or one that is refreshed. With X-User-Lock, a file that a person locks by hand. */
export const lock: DavMethod = async (call) => {
  const { tree, names } = call;
  if (header(call, "x-user-lock") !== undefined) return answerByHand(call, true);
  const root = await readXmlBody(call);
  const timeoutSeconds = parseTimeout(header(call, "timeout"));
  const resource = await tree.find(names);
  requireMethod(tree.allow(resource), "LOCK");
  if (!root) return refresh(call, timeoutSeconds);
  const info = readLockInfo(root);
  const depth = readDepth(call, "infinity");
  if (depth === "1") throw new DavError(400, "A lock has a depth of 0 or infinity", { header: "Depth" });
  const ownerXml = info.owner && serializeElement(info.owner);
  // It is shown with everything that the lock covers.
  if (ownerXml !== undefined && ownerXml.length > longestOwner) throw new DavError(413, "The owner is too long");
  await checkIf(call, resource);
  checkConditions(call, resource);
  try {
    const { lock: made, isNew } = await tree.locks!.acquire(names, resource, {
      scope: info.scope,
      isDeep: depth === "infinity",
      ownerXml,
      timeoutSeconds,
    });
    answerLock(call, isNew ? 201 : 200, made);
  } catch (error) {
    throw error instanceof LockedError ? conflicting(error) : error;
  }
};

function conflicting({ tree, lockedNames }: LockedError): DavError {
  const hrefs = lockedNames.map((names) => `<d:href>${escapeText(hrefOfNames(tree, names))}</d:href>`).join("");
  return new DavError(423, "There is a lock already", {
    condition: `<d:no-conflicting-lock>${hrefs}</d:no-conflicting-lock>`,
  });
}

/** RFC 4918 section 9.10.2: the If header names the one lock. */
async function refresh(call: DavCall, timeoutSeconds: number | undefined): Promise<void> {
  const resource = await findTarget(call);
  const tokens = [...submittedTokens(call.ifLists)];
  if (tokens.length !== 1) throw new DavError(400, "The If header names the lock to refresh", { header: "If" });
  await checkIf(call, resource);
  checkConditions(call, resource);
  const refreshed = await call.tree.locks!.refresh(resource, tokens[0]!, timeoutSeconds);
  answerLock(call, 200, refreshed, false);
}

function answerLock(call: DavCall, status: number, made: DavLock, isMade = true): void {
  const body = `${startDocument("d:prop")}<d:lockdiscovery>${writeActiveLock(call.tree, made)}</d:lockdiscovery></d:prop>`;
  answerXml(call, status, body, isMade ? { "lock-token": `<${made.token}>` } : {});
}

/** Nextcloud's files_lock: no body, no token; the answer shows the properties of the lock, also of the one in the way (423). */
export async function answerByHand(call: DavCall, isLocked: boolean): Promise<void> {
  const resource = await findTarget(call);
  requireMethod(call.tree.allow(resource), "LOCK");
  if (!call.tree.locks?.setByHand) throw new DavError(501, "Files are not locked by hand here");
  const kind = handKinds.get(header(call, "x-user-lock-type") ?? "0");
  if (!kind) {
    throw new DavError(400, "Locks of type 0 (of a person) and 2 (of a program) are set here", {
      header: "X-User-Lock-Type",
    });
  }
  checkConditions(call, resource);
  const { isDone, properties } = await call.tree.locks.setByHand(resource, isLocked, kind);
  answerXml(call, isDone ? 200 : 423, `${startDocument("d:prop")}${properties}</d:prop>`);
}
