import { networkOf } from "../../domain/identity/network-of.ts";
import { requireOpenedLink } from "../../domain/sharing/resolve-share-link.ts";
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
    const link = await requireOpenedLink(deps, visit);
    const response = reply.raw;
    open.set(network, (open.get(network) ?? 0) + 1);
    const stop = watchLink(deps, visit, link, () => {
      response.write("event: changed\ndata: {}\n\n");
      response.end();
    });
    const heartbeat = setInterval(() => response.write(": \n\n"), heartbeatMs);
    const onClosing = () => response.end();
    closing.addEventListener("abort", onClosing, { once: true });
    response.once("close", () => {
      stop();
      clearInterval(heartbeat);
      closing.removeEventListener("abort", onClosing);
      const left = (open.get(network) ?? 1) - 1;
      if (left === 0) open.delete(network);
      else open.set(network, left);
    });
    reply.hijack();
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
