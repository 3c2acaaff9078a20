import { networkOf } from "../../domain/identity/network-of.ts";
import { type LinkContent, requireOpenedLink } from "../../domain/sharing/resolve-share-link.ts";
import { watchLink } from "../../domain/sharing/watch-link.ts";
import type { ServiceApp, ServiceContext } from "../shared/service-app.ts";
import { everybody, type SharePageDeps, TokenParams, visitOf } from "./share-request.ts";

/** Shorter than the idle time-out of proxies (60 s is usual) and of our own server. */
const heartbeatMs = 25_000;
/** Of one network: a school behind one address has a class of pages open. */
const maxStreams = 100;

/** `GET /s/:token/api/events`: the page hears at once that its link has ended. */
export function registerShareEvents(app: ServiceApp, { settings, closing }: ServiceContext, deps: SharePageDeps): void {
  const open = new Map<string, number>();

  app.get("/s/:token/api/events", { ...everybody, schema: { params: TokenParams } }, async (request, reply) => {
    const visit = visitOf(request, settings);
    const network = networkOf(visit.remoteAddress);
    if ((open.get(network) ?? 0) >= maxStreams) return reply.code(429).header("retry-after", "60").send();
    const response = reply.raw;
    // Counted before anything is waited for, and let go of whenever it ends: whoever asks may be gone before it begins.
    open.set(network, (open.get(network) ?? 0) + 1);
    const stops = [
      () => {
        const left = (open.get(network) ?? 1) - 1;
        if (left === 0) open.delete(network);
        else open.set(network, left);
      },
    ];
    const end = (): void => {
      for (const stop of stops.splice(0)) stop();
      if (response.headersSent) response.end();
    };
    response.once("close", end);
    closing.addEventListener("abort", end, { once: true });
    stops.push(() => closing.removeEventListener("abort", end));
    let link: LinkContent;
    try {
      link = await requireOpenedLink(deps, visit);
    } catch (error) {
      end();
      throw error;
    }
    reply.hijack();
    if (closing.aborted || response.destroyed) {
      end();
      return void response.destroy();
    }
    const stopWatching = watchLink(deps, visit, link, () => {
      response.write("event: changed\ndata: {}\n\n");
      end();
    });
    const heartbeat = setInterval(() => response.write(": \n\n"), heartbeatMs);
    stops.push(stopWatching, () => clearInterval(heartbeat));
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
    });
    response.write(": \n\n");
  });
}
