import type { ServerEvent } from "@bouquet/contract/session.ts";
import { watchRevoked } from "../../domain/changes/watch-revoked.ts";
import { isSignInOpen } from "../../domain/identity/find-session.ts";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import { watchAreas } from "../../domain/portal/watch-areas.ts";
import { requireSession } from "../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../shared/service-app.ts";

/** Shorter than the idle time-out of proxies (60 s is usual) and of our own server. */
const heartbeatMs = 25_000;
/** One person has a few tabs; more is a client gone wrong. */
const maxStreamsPerSignIn = 30;
const maxUnreadBytes = 256 * 1024;

/** `GET /api/events`, on every host: hints to read again, and the end of the sign-in. */
export function registerEvents(app: ServiceApp, { closing, log }: ServiceContext, identity: IdentityDeps): void {
  const open = new Map<string, number>();

  app.get("/api/events", async (request, reply) => {
    const session = requireSession(request);
    if ((open.get(session.familyId) ?? 0) >= maxStreamsPerSignIn)
      return reply.code(429).header("retry-after", "60").send();

    const response = reply.raw;
    const stops: (() => void)[] = [];
    let state: "starting" | "started" | "ended" = "starting";
    const send = (event: ServerEvent) => {
      if (state !== "started") return;
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      // A client that does not read must not fill the memory: it asks again when it lives.
      if (response.writableLength > maxUnreadBytes) response.destroy();
    };
    const end = () => {
      if (state === "ended") return;
      state = "ended";
      for (const stop of stops) stop();
      const left = (open.get(session.familyId) ?? 1) - 1;
      if (left === 0) open.delete(session.familyId);
      else open.set(session.familyId, left);
      if (response.headersSent) response.end();
    };
    const checkStillOpen = async () => {
      try {
        if (await isSignInOpen(identity, session)) return;
        send({ type: "revoked" });
        if (state === "started") end();
      } catch (error) {
        log.warn({ error }, "an open event stream could not be checked");
      }
    };
    const onError = (error: unknown) => log.warn({ error }, "changes could not be read for an event stream");

    // Counted before anything is waited for: many that come at once are many.
    open.set(session.familyId, (open.get(session.familyId) ?? 0) + 1);
    let stopAreas: () => void;
    try {
      // Before the answer: what changes after its first byte is told.
      stopAreas = await watchAreas(
        identity.store,
        session.viewer,
        (areas) => send({ type: "changed", areas }),
        onError,
      );
    } catch (error) {
      end();
      throw error;
    }
    const heartbeat = setInterval(() => {
      response.write(": \n\n");
    }, heartbeatMs);
    const ids = [session.familyId, session.viewer.principalId];
    stops.push(
      stopAreas,
      watchRevoked(identity.store.hints, ids, () => void checkStillOpen()),
      () => clearInterval(heartbeat),
      () => closing.removeEventListener("abort", end),
    );
    response.once("close", end);
    closing.addEventListener("abort", end, { once: true });

    reply.hijack();
    response.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      // Proxies that buffer would keep the events.
      "x-accel-buffering": "no",
    });
    response.write(": \n\n");
    state = "started";
    if (closing.aborted || response.destroyed) end();
    else void checkStillOpen();
    return reply;
  });
}
