import { mkdir, open } from "node:fs/promises";
import { Agent, type RequestOptions } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { basicAuthorization, startBouquet } from "./bouquet.ts";
import { many, manyBytes, send } from "./http.ts";
import { clock, compare, type Row, withFolder } from "./measure.ts";
import { peerPassword, startApache } from "./peers.ts";

const connections = 10;
const smallCount = 500;
const listedCount = 1_000;
const largeSize = 1_000_000_000;
const rounds = 5;

/** What both sides know. */
const asked = Buffer.from(
  '<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:getlastmodified/><d:getcontentlength/>' +
    "<d:getetag/><d:getcontenttype/></d:prop></d:propfind>",
);

/** Only the rows whose names contain one of these words; all without. */
const wanted = process.argv.slice(2).map((word) => word.toLowerCase());

interface Server {
  readonly name: string;
  /** To which a path within the files is added. */
  readonly options: RequestOptions & { readonly path: string };
  /** Makes safe on the disk what the server left in memory. */
  sync?(name: string): Promise<void>;
}

/**
 * Files over WebDAV. Ours signs in each request by an app password and has synced before it answers; Apache's mod_dav with a
 * password and without, and with a sync by the benchmark after each answer: with both it does the same.
 */
await withFolder(async (directory, defer) => {
  const bouquet = await startBouquet(1);
  defer(() => bouquet.stop());
  await mkdir(join(directory, "peers"), { mode: 0o755 });
  const open = await startApache(join(directory, "peers"));
  defer(() => open.stop());
  await mkdir(join(directory, "guarded"), { mode: 0o755 });
  const guarded = await startApache(join(directory, "guarded"), { user: "agent" });
  defer(() => guarded.stop());
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  defer(async () => agent.destroy());

  const person = bouquet.people[0]!;
  const local = { agent, host: "127.0.0.1" };
  const own: Server = {
    name: "Bouquet",
    options: {
      ...{ ...local, port: bouquet.program.ports.http, path: `/remote.php/dav/files/${person.uid}` },
      headers: { authorization: basicAuthorization(person.address, person.appPassword) },
    },
  };
  const apache: Server = { name: "Apache", options: { ...local, port: open.port, path: "" } };
  const apacheWithPassword: Server = {
    name: "Apache with a password",
    options: {
      ...{ ...local, port: guarded.port, path: "" },
      headers: { authorization: basicAuthorization("agent", peerPassword) },
    },
  };
  const syncing: Server = { ...apache, name: "Apache and fsync", sync: (name) => syncFile(open.files, name) };

  const like: Server = {
    ...apacheWithPassword,
    name: "Apache with a password and fsync",
    sync: (name) => syncFile(guarded.files, name),
  };

  const at = ({ options }: Server, method: string, name: string, headers: Record<string, string | number> = {}) => ({
    ...options,
    ...{ method, path: `${options.path}/${name}`, headers: { ...options.headers, ...headers } },
  });
  const put = async (server: Server, name: string, body: () => Buffer | Readable, length: number): Promise<void> => {
    const headers = { "content-length": length, "content-type": "application/octet-stream" };
    await send(at(server, "PUT", name, headers), body());
    await server.sync?.(name);
  };
  const row = async (what: string, options: Omit<Row, "what" | "rounds">): Promise<void> => {
    if (isWanted(what)) await compare({ ...options, what, rounds });
  };

  const small = Buffer.alloc(4_096, "Bouquet ");
  const all = [own, apache, apacheWithPassword, syncing, like];
  const readers = all.slice(0, 3);
  let serial = 0;
  await many(400, connections, (index) => put(all[index % 2]!, `w${index}.bin`, () => small, small.length));
  await row(`PUT of 4 KiB, ${connections} connections`, {
    unit: "files/s",
    better: "more",
    contenders: all.map((server) => ({
      name: server.name,
      run: async () => {
        const putNext = () => put(server, `f${++serial}.bin`, () => small, small.length);
        return smallCount / (await clock(() => many(smallCount, connections, putNext)));
      },
    })),
  });
  for (const server of readers) {
    await many(smallCount, connections, (index) => put(server, `r${index}.bin`, () => small, small.length));
  }
  const get = (server: Server, index: number) => send(at(server, "GET", `r${index % smallCount}.bin`));
  // As a server that has run for a while.
  if (isWanted("GET of 4 KiB"))
    for (const server of readers) await many(4 * smallCount, connections, (index) => get(server, index));
  await row(`GET of 4 KiB, ${connections} connections`, {
    unit: "files/s",
    better: "more",
    contenders: readers.map((server) => ({
      name: server.name,
      run: async () => {
        const count = 4 * smallCount;
        return count / (await clock(() => many(count, connections, (index) => get(server, index))));
      },
    })),
  });

  const listing = `PROPFIND of ${listedCount} entries, Depth 1`;
  if (isWanted(listing)) {
    for (const server of readers) {
      await send(at(server, "MKCOL", "listed"));
      const content = Buffer.from("ten bytes\n");
      const fill = (index: number) => put(server, `listed/entry%20${index}.txt`, () => content, content.length);
      await many(listedCount, connections, fill);
    }
  }
  await row(listing, {
    unit: "ms",
    better: "less",
    contenders: readers.map((server) => ({
      name: server.name,
      run: async () => {
        const list = () => send(at(server, "PROPFIND", "listed/", { depth: "1", "content-type": "text/xml" }), asked);
        return 100 * (await clock(() => many(10, 1, list)));
      },
    })),
  });

  let newest = 0;
  await row("PUT of 1 GB", {
    unit: "MB/s",
    better: "more",
    contenders: [own, apache, syncing].map((server) => ({
      name: server.name,
      run: async (round) => {
        newest = round;
        const name = `large-${server.sync ? "s" : ""}${round}.bin`;
        const seconds = await clock(() => put(server, name, () => manyBytes(largeSize), largeSize));
        if (round > 0) await send(at(server, "DELETE", `large-${server.sync ? "s" : ""}${round - 1}.bin`));
        return largeSize / 1e6 / seconds;
      },
    })),
  });
  await row("GET of 1 GB", {
    unit: "MB/s",
    better: "more",
    contenders: [own, apache].map((server) => ({
      name: server.name,
      run: async () => largeSize / 1e6 / (await clock(() => send(at(server, "GET", `large-${newest}.bin`)))),
    })),
  });
});

function isWanted(what: string): boolean {
  return wanted.length === 0 || wanted.some((word) => what.toLowerCase().includes(word));
}

async function syncFile(directory: string, name: string): Promise<void> {
  for (const path of [join(directory, name), directory]) {
    const file = await open(path, "r");
    await file.sync();
    await file.close();
  }
}
