import type { AddressInfo, Server } from "node:net";
import type { Logger } from "../telemetry/logger.ts";
import { explainListenFailure, type ListenPlace } from "./listen-error.ts";

/**
 * Makes `server` listen and returns the port it took. From then on a connection that cannot be accepted (no more file descriptors)
 * costs a line in the log, not the program.
 * @throws ListenError
 */
export async function listen(server: Server, what: string, place: ListenPlace, log: Logger): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(
    { port: place.port, backlog: 1024, ...(place.host === undefined ? {} : { host: place.host }) },
    resolve,
  );
  try {
    await promise;
  } catch (error) {
    throw explainListenFailure(error, what, place);
  } finally {
    server.off("error", reject);
  }
  server.on("error", (error) => log.warn({ error, server: what }, "a connection could not be accepted"));
  return (server.address() as AddressInfo).port;
}
