import type { AddressInfo, Server } from "node:net";
import { explainListenFailure, type ListenPlace } from "./listen-error.ts";

/**
 * Makes `server` listen and returns the port it took.
 * @throws ListenError
 */
export async function listen(server: Server, what: string, place: ListenPlace): Promise<number> {
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
  return (server.address() as AddressInfo).port;
}
