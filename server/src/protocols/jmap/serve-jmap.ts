import { jmapPaths } from "@bouquet/contract/jmap.ts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { requireViewer } from "../shared/http-access.ts";
import { originOfRequest } from "../shared/origin-of-request.ts";
import type { ServicePlugin } from "../shared/service-app.ts";
import { internalHttpError, toHttpError } from "../shared/translate-http-error.ts";
import { createAccountDirectory } from "./account-directory.ts";
import { registerApi } from "./api.ts";
import { registerDownload } from "./download.ts";
import { registerEventSource } from "./event-source.ts";
import { jmapAccess } from "./jmap-access.ts";
import type { JmapDeps } from "./jmap-deps.ts";
import { MethodFailure, RequestProblem } from "./jmap-errors.ts";
import { createLimits } from "./limits.ts";
import { makeSession } from "./session.ts";
import { registerUpload } from "./upload.ts";

export interface JmapOptions extends Omit<JmapDeps, "limits" | "closing"> {
  /** Largest message, in octets. */
  readonly messageSizeLimit: number;
}

/** JMAP (RFC 8620, RFC 8621) at `/jmap/…` and `/.well-known/jmap`, by path on any host name. */
export function serveJmap({ messageSizeLimit, ...ground }: JmapOptions): ServicePlugin {
  return async (app, { settings, closing }) => {
    const deps: JmapDeps = { ...ground, limits: createLimits(messageSizeLimit), closing };

    app.addHook("onRequest", async (_request, reply) => {
      reply.header("cache-control", "no-store");
    });
    app.setErrorHandler((error, request, reply) => answerProblem(deps, error, request, reply));

    for (const path of ["/.well-known/jmap", jmapPaths.session]) {
      app.get(path, { config: jmapAccess }, async (request, reply) => {
        const viewer = requireViewer(request);
        const accounts = await createAccountDirectory(deps, viewer).list();
        return reply.send(makeSession(deps, viewer, accounts, originOfRequest(request, settings, "mail")));
      });
    }
    await app.register(async (scope) => registerApi(scope, deps));
    await app.register(async (scope) => registerUpload(scope, deps));
    registerDownload(app, deps);
    registerEventSource(app, deps);
    // Not a screen of the web app.
    app.all("/jmap/*", { config: { access: "public" } }, (_request, reply) => reply.callNotFound());
  };
}

/** A request that fails as a whole: RFC 7807, with the codes of our JSON API beside. */
function answerProblem(deps: JmapDeps, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // What is left of a refused body must not be taken for the next request, nor be read to its end.
  if (!request.raw.complete) reply.header("connection", "close");
  if (error instanceof RequestProblem) return sendProblem(reply, error.body.status, { ...error.body });
  if (error instanceof MethodFailure) return sendProblem(reply, 404, { type: "about:blank", status: 404 });
  const known = toHttpError(error);
  if (!known && request.raw.destroyed) deps.log.debug({ error }, "a client went away in a JMAP request");
  else if (!known) deps.log.error({ error, path: request.routeOptions.url }, "a JMAP request failed");
  const { status, headers, body } = known ?? internalHttpError;
  reply.headers(headers);
  if (status === 413) {
    const limit = request.url.startsWith("/jmap/upload/") ? "maxSizeUpload" : "maxSizeRequest";
    const type = "urn:ietf:params:jmap:error:limit";
    return sendProblem(reply, status, { type, status, limit, detail: body.message, code: body.code });
  }
  return sendProblem(reply, status, { type: "about:blank", status, detail: body.message, ...body });
}

function sendProblem(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).type("application/problem+json; charset=utf-8").send(JSON.stringify(body));
}
