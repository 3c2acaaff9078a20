import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, readlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { portNames } from "../server/src/config/config.ts";
import { freePort } from "../server/test/harness/free-port.ts";
import { clock, printRow, until, withFolder } from "./measure.ts";
import { startApache, startDovecot, startPostfix } from "./peers.ts";
import { descendants, postmasterOf } from "./processes.ts";

const rounds = 3;
const root = resolve(import.meta.dirname, "..");

interface Running {
  /** Of npm, above the program. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * `npm start`, with the demonstration commune, until /ready answers 200; and the three servers that hold as much between them
 * (Postfix, Dovecot, Apache), until their ports answer. Then what each holds in memory after a minute of rest.
 */
await withFolder(async (directory, defer) => {
  const first: number[] = [];
  const later: number[] = [];
  const peersFirst: number[] = [];
  const peersLater: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const home = join(directory, `peers-${round}`);
    await mkdir(home, { mode: 0o755 });
    const data = join(directory, `data-${round}`);
    const isLast = round === rounds - 1;

    // A clean clone has no compiled code yet.
    let program = await startProgram(data, { NODE_DISABLE_COMPILE_CACHE: "1" }, first);
    await program.stop();
    let peers = await startPeers(home, peersFirst);
    await peers.stop();
    program = await startProgram(data, {}, later);
    if (isLast) defer(() => program.stop());
    else await program.stop();
    await mkdir(`${home}-again`, { mode: 0o755 });
    peers = await startPeers(`${home}-again`, peersLater);
    if (!isLast) {
      await peers.stop();
      continue;
    }
    defer(() => peers.stop());

    const row = { unit: "s", better: "less" } as const;
    const names = ["Bouquet", "Postfix, Dovecot and Apache"] as const;
    const print = (what: string, own: number[], other: number[]) =>
      printRow({ ...row, what }, [
        { name: names[0], figures: own },
        { name: names[1], figures: other },
      ]);
    print("first start", first, peersFirst);
    print("later start", later, peersLater);

    const { promise, resolve: rested } = Promise.withResolvers<void>();
    setTimeout(rested, 60_000);
    await promise;
    const database = await memoryOf([await postmasterOf(data)]);
    const own = await memoryOf([program.pid], (command) => command.includes("server/src/main.ts"));
    const other = await memoryOf(peers.pids);
    const memory = { unit: "MB", better: "less" } as const;
    const figures = (kind: "resident" | "proportional") => [
      { name: names[0], figures: [own[kind]] },
      { name: "its PostgreSQL", figures: [database[kind]], isPeer: false },
      { name: names[1], figures: [other[kind]] },
    ];
    printRow({ ...memory, what: "resident after 60 s (shared pages counted in each process)" }, figures("resident"));
    printRow({ ...memory, what: "proportional after 60 s (shared pages counted once)" }, figures("proportional"));
  }
});

async function startProgram(data: string, environment: Record<string, string>, seconds: number[]): Promise<Running> {
  const ports = await Promise.all(portNames.map(freePort));
  const settings = Object.fromEntries(
    portNames.map((name, index) => [`BOUQUET_${name.toUpperCase()}_PORT`, String(ports[index])]),
  );
  const inherited = Object.entries(process.env).filter(([name]) => !/^(BOUQUET_|PG|DATABASE_URL$)/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    ...environment,
    ...settings,
    BOUQUET_DATA_DIRECTORY: data,
    BOUQUET_BIND_ADDRESS: "127.0.0.1",
  };
  let child: ReturnType<typeof spawn> | undefined;
  const isReady = async () => {
    if (child!.exitCode !== null) throw new Error(`npm start ended with ${child!.exitCode}`);
    return fetch(`http://127.0.0.1:${ports[0]}/ready`).then(
      (response) => response.status === 200,
      () => false,
    );
  };
  seconds.push(
    await clock(async () => {
      child = spawn("npm", ["start"], { cwd: root, env, stdio: "ignore" });
      await until("the program is ready", isReady, 20);
    }),
  );
  const pid = child!.pid!;
  return {
    pid,
    async stop() {
      const ended = once(child!, "exit");
      for (const each of await descendants([pid])) {
        if (each !== pid && (await commandOf(each)).includes("server/src/main.ts")) process.kill(each, "SIGTERM");
      }
      await ended;
    },
  };
}

async function startPeers(directory: string, seconds: number[]): Promise<{ pids: number[]; stop(): Promise<void> }> {
  const started: { pid: number; stop(): Promise<void> }[] = [];
  seconds.push(
    await clock(async () => {
      const mail = startDovecot(directory).then(async (dovecot) => {
        started.push(dovecot, await startPostfix(directory, "bench.example", dovecot.lmtp));
      });
      started.push(await startApache(directory));
      await mail;
    }),
  );
  return {
    pids: started.map((each) => each.pid),
    async stop() {
      for (const each of started) await each.stop();
    },
  };
}

/** In MB, of the processes and everything beneath them. */
async function memoryOf(pids: readonly number[], wanted: (command: string) => boolean = () => true) {
  const total = { resident: 0, proportional: 0 };
  for (const pid of await descendants(pids)) {
    if (!wanted(await commandOf(pid)) || (await isShell(pid))) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    total.resident += (Number(/^Rss:\s+(\d+)/m.exec(rollup)![1]) * 1024) / 1e6;
    total.proportional += (Number(/^Pss:\s+(\d+)/m.exec(rollup)![1]) * 1024) / 1e6;
  }
  return total;
}

/** npm and the shell between npm and the program have the command in their arguments too. */
async function isShell(pid: number): Promise<boolean> {
  const executable = await readlink(`/proc/${pid}/exe`).catch(() => "");
  return /\/(dash|bash|sh)$/.test(executable);
}

function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, "utf8").then(
    (line) => line.replaceAll("\0", " "),
    () => "",
  );
}
