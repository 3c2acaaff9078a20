import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { prepareProgram, type RunningProgram } from "../server/test/harness/run-program.ts";
import { createTownHall, type TownPerson } from "../server/test/harness/town-hall.ts";

export const domainName = "bench.example";

export interface Bouquet {
  readonly program: RunningProgram;
  readonly people: readonly TownPerson[];
  stop(): Promise<void>;
}

/** The environment and the options of Node that `npm start` gives, from package.json, so that benchmarks run what operators run. */
function startEnvironment(): Record<string, string> {
  const manifest = JSON.parse(readFileSync(resolve(import.meta.dirname, "../package.json"), "utf8"));
  const words: string[] = manifest.scripts.start.split(" ");
  const node = words.indexOf("node");
  const variables = words.slice(0, node).map((word) => word.split("=") as [string, string]);
  const options = words.slice(node + 1).filter((word) => /^--[a-z-]+=/.test(word));
  return { ...Object.fromEntries(variables), NODE_OPTIONS: options.join(" ") };
}

/** The whole program in a process of its own, on the embedded PostgreSQL and an empty folder, with people who have large quotas. */
export async function startBouquet(
  personCount: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<Bouquet> {
  const dns = await startDns();
  const program = await prepareProgram({
    settings: {
      ...startEnvironment(),
      BOUQUET_LOG_LEVEL: "info",
      BOUQUET_DNS_SERVERS: `127.0.0.1:${dns.port}`,
      BOUQUET_ALLOW_PLAIN_AUTH_ON_LOOPBACK: "yes",
      ...settings,
    },
  });
  const stop = async (): Promise<void> => {
    await program.remove();
    dns.close();
  };
  try {
    await program.start();
    const domain = await program.openDomain();
    try {
      const townHall = await createTownHall(domain, "Bench", domainName);
      const people: TownPerson[] = [];
      for (let index = 0; index < personCount; index++) {
        const name = `Agent ${String.fromCharCode(97 + index)}`;
        people.push(await townHall.addPerson(name, { quotas: { mail: 5e10, files: 5e10 } }));
      }
      return { program, people, stop };
    } finally {
      await domain.close();
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The header of RFC 7617. */
export function basicAuthorization(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}

/** Asks whether every text that was delivered is in the index of the exact search. */
export function isIndexed({ program }: Pick<Bouquet, "program">): () => Promise<boolean> {
  return async () => {
    const domain = await program.openDomain();
    try {
      const row = await domain.store.read
        .selectFrom("message_text")
        .select("message_id")
        .where("words", "is", null)
        .limit(1)
        .executeTakeFirst();
      return row === undefined;
    } finally {
      await domain.close();
    }
  };
}

/** A DNS server that knows no name: SPF, DKIM and DMARC are asked for at every mail, and the answer comes at once. */
async function startDns(): Promise<{ readonly port: number; close(): void }> {
  const socket = createSocket("udp4");
  socket.on("message", (question, from) => {
    const answer = Buffer.from(question);
    // A response, recursion available, NXDOMAIN (RFC 1035 section 4.1.1); no additional records.
    answer.writeUInt16BE(0x8183, 2);
    answer.writeUInt16BE(0, 10);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, close: () => void socket.close() };
}
