import type { IfList } from "../../formats/dav-xml/if-header.ts";
import { type DavCall, type DavTarget, locateReference } from "./dav-call.ts";
import { DavError } from "./dav-error.ts";
import type { DavResource } from "./dav-tree.ts";

/**
 * Evaluates the If header (RFC 4918 section 10.4): one list that holds is enough. A list without a tag is about the resource of
 * the request; what a tag names outside of our trees has no state.
 * @param resource what the request is about, undefined when unmapped
 * @throws DavError 412
 */
export async function checkIf(call: DavCall, resource: DavResource | undefined): Promise<void> {
  if (call.ifLists.length === 0) return;
  const states = new Map<string, Promise<State>>();
  for (const list of call.ifLists) {
    const key = list.resource ?? "";
    const state = states.get(key) ?? readState(call, list, resource);
    states.set(key, state);
    if (holds(list, await state)) return;
  }
  throw new DavError(412, "No list of the If header holds", { header: "If" });
}

interface State {
  readonly etag: string | undefined;
  readonly tokens: ReadonlySet<string>;
}

async function readState(call: DavCall, list: IfList, resource: DavResource | undefined): Promise<State> {
  const target: DavTarget | undefined = list.resource === undefined ? call : await locateReference(call, list.resource);
  if (!target) return { etag: undefined, tokens: new Set() };
  const found = target === call ? resource : await target.tree.find(target.names);
  const wantsTokens = call.ifLists.some((each) => each.conditions.some(({ token }) => token !== undefined));
  const locks = wantsTokens ? ((await target.tree.locks?.covering(target.names, found)) ?? []) : [];
  return { etag: found?.etag, tokens: new Set(locks.map((lock) => lock.token)) };
}

function holds(list: IfList, state: State): boolean {
  return list.conditions.every(({ negated, token, etag }) => {
    const isTrue = token === undefined ? isEtag(etag, state.etag) : state.tokens.has(token);
    return isTrue !== negated;
  });
}

/** The strong comparison (RFC 4918 section 10.4.4). */
function isEtag(wanted: string | undefined, current: string | undefined): boolean {
  return wanted !== undefined && current !== undefined && !wanted.startsWith("W/") && wanted === current;
}
