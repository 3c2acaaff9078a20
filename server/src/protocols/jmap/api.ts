import { Readable } from "node:stream";
import { jmapPaths } from "@bouquet/contract/jmap.ts";
import type { FastifyInstance } from "fastify";
import { requireViewer } from "../shared/http-access.ts";
import { Slots } from "./hold-slots.ts";
import { jmapAccess } from "./jmap-access.ts";
import type { JmapDeps } from "./jmap-deps.ts";
import { RequestProblem } from "./jmap-errors.ts";
import { parseJson } from "./parse-json.ts";
import { processRequest } from "./process-request.ts";
import { writeResponse } from "./write-response.ts";

/** `POST /jmap/api` (RFC 8620 section 3). Needs a scope of its own: the body is parsed here, with our limits. */
export function registerApi(scope: FastifyInstance, deps: JmapDeps): void {
  const { limits } = deps;
  const slots = new Slots(limits.maxConcurrentRequests, "maxConcurrentRequests");
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: limits.maxSizeRequest }, (_request, body, done) =>
    done(null, body),
  );
  scope.post(jmapPaths.api, { config: jmapAccess, bodyLimit: limits.maxSizeRequest }, async (request, reply) => {
    const viewer = requireViewer(request);
    const release = slots.hold(viewer.principalId);
    try {
      if (!/^application\/json\s*(?:;|$)/i.test(request.headers["content-type"] ?? "")) {
        throw new RequestProblem("notJSON", "The content type is not application/json");
      }
      const body = await parseJson((request.body as Buffer | undefined) ?? Buffer.alloc(0), limits);
      const response = await processRequest(deps, viewer, body);
      reply.type("application/json; charset=utf-8");
      return reply.send(Readable.from(writeResponse(response), { objectMode: false }));
    } finally {
      release();
    }
  });
}
