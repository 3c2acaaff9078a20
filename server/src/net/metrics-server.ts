import type { Logger } from "../telemetry/logger.ts";
import { createHttpRouter, exactly } from "./http-router.ts";
import { createHttpServer, type HttpServer } from "./http-server.ts";

/**
 * Serves `/metrics` to Prometheus on 127.0.0.1: the numbers say who works when, so they are not for the network.
 * @throws ListenError
 */
export function startMetricsServer(options: {
  readonly port: number;
  readonly contentType: string;
  readonly expose: () => Promise<string>;
  readonly log: Logger;
}): Promise<HttpServer> {
  return createHttpServer({
    name: "The metrics server",
    listen: { host: "127.0.0.1", port: options.port },
    log: options.log,
    maxConnections: 20,
    handler: createHttpRouter(
      [
        exactly("/metrics", async (_request, response) => {
          const body = await options.expose();
          response.writeHead(200, { "content-type": options.contentType }).end(body);
        }),
      ],
      (_request, response) => {
        response.writeHead(404, { "content-type": "text/plain" }).end("Metrics are at /metrics\n");
      },
    ),
  });
}
