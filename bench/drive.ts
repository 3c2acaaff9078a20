import { mkdir, open } from "node:fs/promises";
import { Agent, type RequestOptions, request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { startBouquet } from "./bouquet.ts";
import { clock, compare, withFolder } from "./measure.ts";
import { startApache } from "./peers.ts";

const connections = 10;
const smallCount = 500;
const largeSize = 1_000_000_000;
const rounds = 5;
const largeRounds = 3;

interface Server {
  readonly name: string;
  /** Where a new file is put. */
  put(name: string): RequestOptions;
  /** Where the file is that was put, by the body of the answer. */
  get(name: string, answer: string): RequestOptions;
  /** Makes safe on the disk what the server left in memory. */
  sync?(name: string): Promise<void>;
}

/** Files by HTTP: ours through the drive's own API, signed in, synced before the answer; Apache's mod_dav with and without a sync. */
await withFolder(async (directory, defer) => {
  const bouquet = await startBouquet(1);
  defer(() => bouquet.stop());
  await mkdir(join(directory, "peers"), { mode: 0o755 });
  const apache = await startApache(join(directory, "peers"));
  defer(() => apache.stop());
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  defer(async () => agent.destroy());

  const own = { agent, host: "127.0.0.1", port: bouquet.program.ports.http, headers: bouquet.driveHeaders };
  const spaces = JSON.parse(await send({ ...own, path: "/api/drive/spaces" }, undefined, "text"));
  const root = spaces.spaces[0].rootId as string;
  const their = { agent, host: "127.0.0.1", port: apache.port };
  const dav: Server = {
    name: "Apache",
    put: (name) => ({ ...their, method: "PUT", path: `/${name}` }),
    get: (name) => ({ ...their, path: `/${name}` }),
  };
  const servers: Server[] = [
    {
      name: "Bouquet",
      put: (name) => ({ ...own, method: "PUT", path: `/api/drive/folders/${root}/files/${name}` }),
      get: (_name, answer) => ({ ...own, path: `/api/drive/files/${JSON.parse(answer).id}/content` }),
    },
    dav,
    { ...dav, name: "Apache and fsync", sync: (name) => syncFile(apache.files, name) },
  ];

  const small = Buffer.alloc(4_096, "Bouquet ");
  const put = async (server: Server, name: string, body: () => Buffer | Readable, length: number): Promise<string> => {
    const options = server.put(name);
    const headers = { ...options.headers, "content-length": length, "content-type": "application/octet-stream" };
    const answer = await send({ ...options, headers }, body(), "text");
    await server.sync?.(name);
    return answer;
  };
  const kept = new Map<string, RequestOptions[]>();
  let serial = 0;
  const putSmall = (server: Server) => ({
    name: server.name,
    run: async () => {
      const places: RequestOptions[] = [];
      const seconds = await clock(() =>
        many(smallCount, async () => {
          const name = `f${++serial}.bin`;
          places.push(server.get(name, await put(server, name, () => small, small.length)));
        }),
      );
      kept.set(server.name, places);
      return smallCount / seconds;
    },
  });
  await many(200, async (index) => put(servers[index % 2]!, `w${index}.bin`, () => small, small.length));
  await compare({
    what: "PUT of 4 KiB, 10 connections",
    unit: "files/s",
    better: "more",
    rounds,
    contenders: servers.map(putSmall),
  });
  await compare({
    what: "GET of 4 KiB, 10 connections",
    unit: "files/s",
    better: "more",
    rounds,
    contenders: servers.slice(0, 2).map((server) => ({
      name: server.name,
      run: async () => {
        const places = kept.get(server.name)!;
        return smallCount / (await clock(() => many(smallCount, (index) => send(places[index]!, undefined, "count"))));
      },
    })),
  });

  const large = new Map<string, RequestOptions>();
  await compare({
    what: "PUT of 1 GB",
    unit: "MB/s",
    better: "more",
    rounds: largeRounds,
    contenders: servers.map((server) => ({
      name: server.name,
      run: async () => {
        const name = `large-${++serial}.bin`;
        const seconds = await clock(async () => {
          large.set(server.name, server.get(name, await put(server, name, manyBytes, largeSize)));
        });
        return largeSize / 1e6 / seconds;
      },
    })),
  });
  await compare({
    what: "GET of 1 GB",
    unit: "MB/s",
    better: "more",
    rounds: largeRounds,
    contenders: servers.slice(0, 2).map(({ name }) => ({
      name,
      run: async () => largeSize / 1e6 / (await clock(() => send(large.get(name)!, undefined, "count"))),
    })),
  });
});

/** The work `count` times, as many at once as there are connections. */
async function many(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: connections }, one));
}

function manyBytes(): Readable {
  const block = Buffer.alloc(1_000_000, "0123456789abcdef");
  return Readable.from(
    (function* () {
      for (let sent = 0; sent < largeSize; sent += block.length) yield block;
    })(),
    { objectMode: false, highWaterMark: block.length },
  );
}

/** @throws unless the answer is 2xx, and whole */
function send(options: RequestOptions, body: Buffer | Readable | undefined, keep: "text" | "count"): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request(options, (response) => {
    let text = "";
    let bytes = 0;
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (keep === "text") text += chunk;
    });
    response.once("error", reject);
    response.once("end", () => {
      const { statusCode = 0, headers } = response;
      if (statusCode < 200 || statusCode > 299) reject(new Error(`${options.path} was answered ${statusCode} ${text}`));
      else if (headers["content-length"] !== undefined && Number(headers["content-length"]) !== bytes)
        reject(new Error(`${options.path} was cut at ${bytes}`));
      else resolve(text);
    });
  });
  sent.once("error", reject);
  if (body instanceof Readable) body.pipe(sent);
  else sent.end(body);
  return promise;
}

async function syncFile(directory: string, name: string): Promise<void> {
  for (const path of [join(directory, name), directory]) {
    const file = await open(path, "r");
    await file.sync();
    await file.close();
  }
}
