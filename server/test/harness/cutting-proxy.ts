import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

interface PassedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Stands between a program and the server, as a network does that loses answers. */
export interface CuttingProxy {
  /** `http://127.0.0.1:<port>`. */
  readonly base: string;
  /** What passed, oldest first. */
  readonly passed: readonly PassedRequest[];
  /** From now on, whatever these methods ask is done by the server and the answer is lost: the connection ends in its place. */
  loseAnswersTo(...methods: readonly string[]): void;
  close(): Promise<void>;
}

/** @param target `http://<host>:<port>`; WebSockets do not pass */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const passed: PassedRequest[] = [];
  let lost: readonly string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "", url: path = "", headers } = incoming;
    passed.push({ method, path, headers });
    const onward = httpRequest({ host: hostname, port, method, path, headers }, (answer) => {
      if (lost.includes(method)) {
        answer.resume();
        answer.on("end", () => outgoing.destroy());
        return;
      }
      // A program that goes away in the middle is what is tried here.
      if (outgoing.destroyed) return void answer.destroy();
      outgoing.writeHead(answer.statusCode!, answer.headers);
      pipeline(answer, outgoing, () => undefined);
    });
    onward.on("error", () => outgoing.destroy());
    pipeline(incoming, onward, () => undefined);
  });
  server.on("upgrade", (_request, socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    loseAnswersTo: (...methods) => (lost = methods),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
