import type { IncomingMessage, ServerResponse } from "node:http";
import { parseIfHeader, submittedTokens } from "../../formats/dav-xml/if-header.ts";
import { readPathNames } from "../../formats/dav-xml/path-names.ts";
import { type HttpHandler, type OnRoute, readTarget } from "../../net/http-router.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { answerXml, type DavCall, type DavTarget, header, notThere } from "./dav-call.ts";
import type { DavContext, DavMount } from "./dav-context.ts";
import { DavError } from "./dav-error.ts";
import { davMethods } from "./dav-methods.ts";
import type { DavTree } from "./dav-tree.ts";
import { refuseRequest } from "./refuse-request.ts";
import { toDavAnswer } from "./translate-error.ts";

export interface DavOptions<S> {
  /** Says who sent a request. @throws DomainError `wrong_credentials`, `throttled` */
  authenticate(request: IncomingMessage): Promise<S>;
  readonly mounts: readonly DavMount<S>[];
  readonly log: Logger;
  readonly onRoute?: OnRoute | undefined;
}

/** Serves trees over WebDAV: each request is told who sent it, where it goes, by which method; the rest are `methods/`. */
export function serveDav<S>(options: DavOptions<S>): HttpHandler {
  for (const { path } of options.mounts) {
    for (const method of davMethods.keys()) options.onRoute?.({ method, path: `/${path.join("/")}` });
  }
  return async (request, response) => {
    try {
      await handle(options, request, response);
    } catch (thrown) {
      refuseRequest(options.log, request, response, thrown);
    }
  };
}

async function handle<S>(options: DavOptions<S>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const session = await options.authenticate(request);
  const method = request.method ?? "GET";
  const ifHeader = header({ request }, "if");
  const ifLists = ifHeader === undefined ? [] : parseIfHeader(ifHeader);
  if (!ifLists) throw new DavError(400, "The If header is malformed", { header: "If" });
  const context: DavContext<S> = {
    session,
    method,
    headers: request.headers,
    lockTokens: submittedTokens(ifLists),
    log: options.log,
  };
  const locate = locator(options.mounts, context);
  // A fragment is no part of a request (RFC 9110 section 4.2.5): whoever sends one means something else than what it would hit.
  if (request.url?.includes("#")) throw new DavError(400, "The path of this URL is malformed");
  const path = readTarget(request)?.path ?? "";
  const target = await locate(path);
  if (!target) throw notThere(readPathNames(path) ?? []);
  const call: DavCall = { ...target, method, request, response, ifLists, log: options.log, locate };
  const run = davMethods.get(method);
  if (!run) return refuseMethod(call, 501);
  await run(call);
}

/** 405 with what is possible; 501 for what nothing here knows. */
function refuseMethod(call: DavCall, status: number): void {
  const body = toDavAnswer(new DavError(status, `The method ${call.method} is not known`))!.body;
  answerXml(call, status, body, { allow: call.tree.allow(undefined).join(", ") });
}

/** Finds the tree of a path: of the mounts that match, the one with the longest path. A tree is opened once for a request. */
function locator<S>(
  mounts: readonly DavMount<S>[],
  context: DavContext<S>,
): (path: string) => Promise<DavTarget | undefined> {
  const opened = new Map<string, Promise<DavTree | undefined>>();
  return async (path) => {
    const names = readPathNames(path);
    if (!names) throw new DavError(400, "The path of this URL is malformed");
    const mount = mounts
      .filter((each) => matchesPath(each.path, names))
      .reduce<DavMount<S> | undefined>(
        (best, each) => (best && best.path.length >= each.path.length ? best : each),
        undefined,
      );
    if (!mount) return undefined;
    const length = mount.path.length;
    const root = `/${path.split("/").filter(Boolean).slice(0, length).join("/")}`.replace(/^\/$/, "");
    const parameters = names.slice(0, length).filter((_name, index) => mount.path[index] === "*");
    const key = JSON.stringify(names.slice(0, length));
    const tree = opened.get(key) ?? mount.open(context, parameters, root, names.slice(length));
    opened.set(key, tree);
    const resolved = await tree;
    return resolved && { tree: resolved, names: names.slice(length) };
  };
}

function matchesPath(pattern: readonly string[], names: readonly string[]): boolean {
  return names.length >= pattern.length && pattern.every((each, index) => each === "*" || each === names[index]);
}
