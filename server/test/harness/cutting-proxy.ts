import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

interface PassedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What happens to the next request of a method whose path contains this. */
interface Next<What> {
  readonly method: string;
  readonly path: string;
  readonly what: What;
}

function takeNext<What>(nexts: Next<What>[], method: string, path: string): What | undefined {
  const index = nexts.findIndex((next) => next.method === method && path.includes(next.path));
  return index < 0 ? undefined : nexts.splice(index, 1)[0]!.what;
}

/** Stands between a program and the server, as a network does that loses answers. */
export interface CuttingProxy {
  /** `http://127.0.0.1:<port>`. */
  readonly base: string;
  /** What passed, oldest first. */
  readonly passed: readonly PassedRequest[];
  /** From now on, whatever these methods ask is done by the server and the answer is lost: the connection ends in its place. */
  loseAnswersTo(...methods: readonly string[]): void;
  /** Of the answer to the next such request only so many bytes come, then the connection ends. */
  cutNext(method: string, path: string, bytes: number): void;
  /** The next such request waits until this is done: what others change just then. */
  beforeNext(method: string, path: string, act: () => Promise<void>): void;
  close(): Promise<void>;
}

/** Lets so many bytes pass, and fails at the next. */
async function* firstBytes(source: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of source) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left < 0) throw new Error("cut");
  }
}

/** @param target `http://<host>:<port>`; WebSockets do not pass */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const passed: PassedRequest[] = [];
  let lost: readonly string[] = [];
  const cuts: Next<number>[] = [];
  const acts: Next<() => Promise<void>>[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "", url: path = "", headers } = incoming;
    passed.push({ method, path, headers });
    const act = takeNext(acts, method, path);
    if (act === undefined) return pass(incoming, outgoing);
    act().then(
      () => pass(incoming, outgoing),
      () => outgoing.destroy(),
    );
  });
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method = "", url: path = "", headers } = incoming;
    const onward = httpRequest({ host: hostname, port, method, path, headers }, (answer) => {
      if (lost.includes(method)) {
        answer.resume();
        answer.on("end", () => outgoing.destroy());
        return;
      }
      // A program that goes away in the middle is what is tried here.
      if (outgoing.destroyed) return void answer.destroy();
      outgoing.writeHead(answer.statusCode!, answer.headers);
      const left = takeNext(cuts, method, path);
      if (left === undefined) return void pipeline(answer, outgoing, () => undefined);
      pipeline(
        answer,
        (source) => firstBytes(source, left),
        outgoing,
        () => undefined,
      );
    });
    onward.on("error", () => outgoing.destroy());
    pipeline(incoming, onward, () => undefined);
  };
  server.on("upgrade", (_request, socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    loseAnswersTo: (...methods) => (lost = methods),
    cutNext: (method, path, what) => cuts.push({ method, path, what }),
    beforeNext: (method, path, what) => acts.push({ method, path, what }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
