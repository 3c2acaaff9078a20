import type { ServerResponse } from "node:http";
import { jmapPaths, type StateChange } from "@bouquet/contract/jmap.ts";
import type { FastifyInstance } from "fastify";
import { listAccounts } from "../../domain/access/account-access.ts";
import { watchRevoked } from "../../domain/changes/watch-revoked.ts";
import { isAppPasswordValid } from "../../domain/identity/authenticate-client.ts";
import { isSignInOpen } from "../../domain/identity/find-session.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import { requireViewer } from "../shared/http-access.ts";
import type { Authenticated } from "../shared/http-authentication.ts";
import { Slots } from "./hold-slots.ts";
import { jmapAccess } from "./jmap-access.ts";
import type { JmapDeps } from "./jmap-deps.ts";
import { opaqueState } from "./opaque-state.ts";
import { type AccountStates, changedStates, watchStates } from "./watch-states.ts";

const maxStreamsPerPerson = 30;
/** Seconds. Proxies close what is silent for a minute. */
const pingRange = { least: 10, most: 300 };
/** A comment keeps a stream open whose client asked for no pings. */
const keepAliveMs = 25_000;
const maxUnreadBytes = 256 * 1024;
const pushedTypes = ["Email", "EmailDelivery", "Mailbox", "Thread", "SieveScript", "VacationResponse"];

/** `GET /jmap/eventsource` (RFC 8620 section 7.3): the states of what the client asked for, whenever they move. */
export function registerEventSource(app: FastifyInstance, deps: JmapDeps): void {
  const slots = new Slots(maxStreamsPerPerson, "maxConcurrentRequests");
  interface Route {
    Querystring: { types?: string; closeafter?: string; ping?: string };
  }
  app.get<Route>(jmapPaths.eventSource, { config: jmapAccess }, async (request, reply) => {
    const viewer = requireViewer(request);
    const wanted = readTypes(request.query.types);
    const release = slots.hold(viewer.principalId);
    const lastEventId = request.headers["last-event-id"];
    const stream = new EventStream(reply.raw, release);
    try {
      const closesAfterState = request.query.closeafter === "state";
      let told: AccountStates = new Map();
      const tell = (states: AccountStates): void => {
        const changed = changedStates(told, states, wanted);
        told = states;
        if (changed) sendState(stream, changed, states, closesAfterState);
      };
      const watching = await watchStates(deps.mail.store, viewer, tell, (error) =>
        deps.log.warn({ error }, "changes could not be read for a push stream"),
      );
      stream.onEnd(watching.stop);
      told = watching.states;
      if (typeof lastEventId === "string" && lastEventId !== eventIdOf(watching.states)) told = new Map();
      stream.onEnd(watchAccess(deps, request.authenticated!, viewer, () => stream.end()));
      const closing = () => stream.end();
      deps.closing.addEventListener("abort", closing, { once: true });
      stream.onEnd(() => deps.closing.removeEventListener("abort", closing));

      reply.hijack();
      stream.begin(reply.getHeaders() as Record<string, string>);
      beat(stream, Number(request.query.ping ?? "0"));
      if (told.size === 0) tell(watching.states);
      if (deps.closing.aborted) stream.end();
    } catch (error) {
      stream.end();
      throw error;
    }
    return reply;
  });
}

/** Undefined: all of them. */
function readTypes(types = "*"): ReadonlySet<string> {
  return new Set(types === "*" ? pushedTypes : types.split(",").filter((each) => pushedTypes.includes(each)));
}

function sendState(stream: EventStream, changed: StateChange["changed"], states: AccountStates, last: boolean): void {
  const data: StateChange = { "@type": "StateChange", changed };
  stream.send("state", data, eventIdOf(states));
  if (last) stream.end();
}

function eventIdOf(states: AccountStates): string {
  return opaqueState([...states]);
}

function beat(stream: EventStream, asked: number): void {
  if (!(asked > 0)) {
    const timer = setInterval(() => stream.comment(), keepAliveMs);
    stream.onEnd(() => clearInterval(timer));
    return;
  }
  const interval = Math.round(Math.min(Math.max(asked, pingRange.least), pingRange.most));
  const timer = setInterval(() => stream.send("ping", { interval }), interval * 1_000);
  stream.onEnd(() => clearInterval(timer));
  stream.send("ping", { interval });
}

/** Ends the stream with the session or app password that it came with. @returns stops watching */
function watchAccess(deps: JmapDeps, authenticated: Authenticated, viewer: Viewer, end: () => void): () => void {
  const { identity } = deps;
  const { session, appPasswordId } = authenticated;
  const isOpen = async (): Promise<boolean> => {
    if (session) return isSignInOpen(identity, session);
    if (!(await isAppPasswordValid(identity, viewer.organizationId, appPasswordId))) return false;
    return (await listAccounts(identity.store.read, viewer)).length > 0;
  };
  return watchRevoked(identity.store.hints, [session?.familyId ?? appPasswordId!, viewer.principalId], () => {
    isOpen().then(
      (open) => open || end(),
      (error: unknown) => deps.log.warn({ error }, "an open push stream could not be checked"),
    );
  });
}

/** Server-sent events on one response; what it holds is let go when it ends, whoever ends it. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #stops: (() => void)[];
  #ended = false;

  constructor(response: ServerResponse, release: () => void) {
    this.#response = response;
    this.#stops = [release];
    response.once("close", () => this.end());
  }

  begin(headers: Record<string, string>): void {
    this.#response.writeHead(200, {
      ...headers,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      // Proxies that buffer would keep the events.
      "x-accel-buffering": "no",
    });
    this.comment();
  }

  onEnd(stop: () => void): void {
    if (this.#ended) stop();
    else this.#stops.push(stop);
  }

  send(event: string, data: unknown, id?: string): void {
    if (this.#ended) return;
    const idLine = id === undefined ? "" : `id: ${id}\n`;
    this.#response.write(`event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
    // A client that does not read must not fill the memory: it asks again when it lives.
    if (this.#response.writableLength > maxUnreadBytes) this.#response.destroy();
  }

  comment(): void {
    if (!this.#ended) this.#response.write(": \n\n");
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const stop of this.#stops) stop();
    if (this.#response.headersSent) this.#response.end();
  }
}
