import type { IfList } from "../../formats/dav-xml/if-header.ts";
import { type DavCall, type DavTarget, locateReference } from "./dav-call.ts";
import { DavError } from "./dav-error.ts";
import type { DavDestination, DavResource } from "./dav-tree.ts";

/**
 * Evaluates the If header (RFC 4918 section 10.4): one list that holds is enough. A list without a tag is about the resource of
 * the request; what a tag names outside of our trees has no state. The token of a lock on what the request writes holds under any tag:
 * Nextcloud's desktop client tags with a path from the folder that it synchronizes, and does not escape it.
 * @param resource what the request is about, undefined when unmapped
 * @param destination of a COPY or a MOVE
 * @throws DavError 412
 */
export async function checkIf(
  call: DavCall,
  resource: DavResource | undefined,
  destination?: DavDestination,
): Promise<void> {
  if (call.ifLists.length === 0) return;
  const states = new Map<string, Promise<State>>();
  const isTagged = call.ifLists.some((list) => list.resource !== undefined);
  const written = isTagged ? await writtenTokens(call, resource, destination) : new Set<string>();
  for (const list of call.ifLists) {
    const key = list.resource ?? "";
    const state = states.get(key) ?? readState(call, list, resource);
    states.set(key, state);
    if (holds(list, await state, written)) return;
  }
  throw new DavError(412, "No list of the If header holds", { header: "If" });
}

interface State {
  readonly etag: string | undefined;
  readonly tokens: ReadonlySet<string>;
}

async function readState(call: DavCall, list: IfList, resource: DavResource | undefined): Promise<State> {
  const target: DavTarget | undefined = list.resource === undefined ? call : await locateTag(call, list.resource);
  if (!target) return { etag: undefined, tokens: new Set() };
  const found = target === call ? resource : await target.tree.find(target.names);
  return { etag: found?.etag, tokens: await tokensOn(call, target, found) };
}

async function locateTag(call: DavCall, reference: string): Promise<DavTarget | undefined> {
  try {
    return await locateReference(call, reference);
  } catch (error) {
    if (error instanceof DavError && error.status === 400) return undefined;
    throw error;
  }
}

async function writtenTokens(
  call: DavCall,
  resource: DavResource | undefined,
  destination: DavDestination | undefined,
): Promise<Set<string>> {
  const own = await tokensOn(call, call, resource);
  return destination ? own.union(await tokensOn(call, destination, destination.existing)) : own;
}

async function tokensOn(call: DavCall, target: DavTarget, found: DavResource | undefined): Promise<Set<string>> {
  const wantsTokens = call.ifLists.some((each) => each.conditions.some(({ token }) => token !== undefined));
  const locks = wantsTokens ? ((await target.tree.locks?.covering(target.names, found)) ?? []) : [];
  return new Set(locks.map((lock) => lock.token));
}

function holds(list: IfList, state: State, written: ReadonlySet<string>): boolean {
  return list.conditions.every(({ negated, token, etag }) => {
    if (token === undefined) return isEtag(etag, state.etag) !== negated;
    return negated ? !state.tokens.has(token) : state.tokens.has(token) || written.has(token);
  });
}

/** The strong comparison (RFC 4918 section 10.4.4). */
function isEtag(wanted: string | undefined, current: string | undefined): boolean {
  return wanted !== undefined && current !== undefined && !wanted.startsWith("W/") && wanted === current;
}
