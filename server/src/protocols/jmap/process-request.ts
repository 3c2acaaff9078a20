import { setImmediate as nextTurn } from "node:timers/promises";
import { type Invocation, type JmapRequest, type JmapResponse, jmapCapabilities } from "@bouquet/contract/jmap.ts";
import type { JmapMethodName } from "@bouquet/contract/jmap-methods.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import { type AccountDirectory, createAccountDirectory } from "./account-directory.ts";
import type { JmapDeps } from "./jmap-deps.ts";
import { RequestProblem } from "./jmap-errors.ts";
import type { JmapLimits } from "./limits.ts";
import { methods } from "./methods/registry.ts";
import { isId, isObject, type JsonObject } from "./read-arguments.ts";
import { type ReferenceBudget, resolveReferences } from "./result-references.ts";
import { readSessionState } from "./session.ts";
import { toMethodError } from "./translate-error.ts";

const knownCapabilities = new Set<string>(Object.values(jmapCapabilities));

/**
 * Runs the calls of a request in order (RFC 8620 section 3.3).
 * @throws RequestProblem; DomainError `unavailable`
 */
export async function processRequest(deps: JmapDeps, viewer: Viewer, body: unknown): Promise<JmapResponse> {
  const request = readRequest(body, deps.limits);
  const accounts = createAccountDirectory(deps, viewer);
  const createdIds = new Map(Object.entries(request.createdIds ?? {}));
  const responses: Invocation[] = [];
  const budget: ReferenceBudget = { values: deps.limits.maxValues };
  for (const call of request.methodCalls) {
    await runCall({ deps, viewer, accounts, createdIds, responses, budget, using: request.using }, call);
    await nextTurn();
  }
  return {
    methodResponses: responses,
    ...(request.createdIds && { createdIds: Object.fromEntries(createdIds) }),
    sessionState: readSessionState(deps, await accounts.list()),
  };
}

interface Running {
  deps: JmapDeps;
  viewer: Viewer;
  accounts: AccountDirectory;
  createdIds: Map<string, string>;
  responses: Invocation[];
  budget: ReferenceBudget;
  using: readonly string[];
}

async function runCall(running: Running, [name, given, callId]: Invocation): Promise<void> {
  const { deps, viewer, accounts, createdIds, responses, budget, using } = running;
  const method = Object.hasOwn(methods, name) ? methods[name as JmapMethodName] : undefined;
  if (!method || !using.includes(method.capability)) {
    responses.push(["error", { type: "unknownMethod" }, callId]);
    return;
  }
  const following: Invocation[] = [];
  try {
    const resolved = resolveReferences(given, responses, budget);
    const run = method.run as (context: unknown, given: JsonObject) => Promise<JsonObject>;
    const follow = (other: string, response: unknown) => following.push([other, response as JsonObject, callId]);
    const answer = await run({ deps, viewer, accounts, createdIds, follow }, resolved);
    responses.push([name, answer, callId], ...following);
  } catch (error) {
    const known = toMethodError(error);
    if (!known) deps.log.error({ error, method: name }, "a JMAP method failed");
    responses.push(["error", { ...(known ?? { type: "serverFail" }) }, callId]);
  }
}

/** @throws RequestProblem `notRequest`, `unknownCapability`, `limit` */
function readRequest(body: unknown, limits: JmapLimits): JmapRequest {
  const refuse = (detail: string): never => {
    throw new RequestProblem("notRequest", detail);
  };
  if (!isObject(body)) return refuse("The request is not an object");
  const { using, methodCalls, createdIds } = body;
  if (!Array.isArray(using) || !using.every((each) => typeof each === "string")) return refuse("using is not a list");
  if (!Array.isArray(methodCalls)) return refuse("methodCalls is not a list");
  if (methodCalls.length > limits.maxCallsInRequest) {
    throw new RequestProblem("limit", `At most ${limits.maxCallsInRequest} calls are possible`, "maxCallsInRequest");
  }
  if (!methodCalls.every(isInvocation)) return refuse("A method call is not [name, arguments, id]");
  if (createdIds !== undefined) {
    const fine = isObject(createdIds) && Object.entries(createdIds).every(([key, value]) => isId(key) && isId(value));
    if (!fine) return refuse("createdIds is not a map of ids");
  }
  const unknown = using.find((each) => !knownCapabilities.has(each));
  if (unknown !== undefined) {
    throw new RequestProblem("unknownCapability", `There is no capability “${String(unknown).slice(0, 200)}”`);
  }
  return { using, methodCalls, ...(createdIds !== undefined && { createdIds: createdIds as Record<string, string> }) };
}

function isInvocation(value: unknown): value is Invocation {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    typeof value[0] === "string" &&
    isObject(value[1]) &&
    typeof value[2] === "string"
  );
}
