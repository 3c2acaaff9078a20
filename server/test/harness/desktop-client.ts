import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";

export interface SyncRun {
  /** Exit code; null when it was killed. */
  readonly code: number | null;
  readonly output: string;
}

export interface SyncOptions {
  readonly password?: string;
  /** KB/s. */
  readonly upLimit?: number;
  readonly arguments?: readonly string[];
}

/** A folder that Nextcloud's desktop client keeps like a person's drive: one computer. */
export interface DesktopClient {
  readonly directory: string;
  /** The path of something in the folder. */
  path(name: string): string;
  sync(options?: SyncOptions): Promise<SyncRun>;
  /** The same, for a test that kills it. */
  begin(options?: SyncOptions): {
    readonly process: ChildProcess;
    readonly ended: Promise<SyncRun>;
    /** What it has printed so far. */
    printed(): string;
  };
  /** @throws unless it ends with 0 */
  syncWell(): Promise<void>;
  /** As if time had passed: what was refused is tried again at the next run. By itself it waits 25 seconds, then two minutes, then ten. */
  forgetRefusals(): Promise<void>;
}

export interface Computers {
  /** @param name of the folder */
  add(base: string, who: { address: string; appPassword: string }, name: string): Promise<DesktopClient>;
  remove(): Promise<void>;
}

/** @param longestRun milliseconds after which a run is given up */
export async function openComputers(longestRun = 400_000): Promise<Computers> {
  const home = await mkdtemp(join(tmpdir(), "bouquet-desktop-"));
  const running = new Set<ChildProcess>();
  return {
    async add(base, who, name) {
      const directory = join(home, name);
      // Each computer has its own settings.
      const settings = join(home, `${name}.home`);
      await Promise.all([mkdir(directory, { recursive: true }), mkdir(settings, { recursive: true })]);
      const begin: DesktopClient["begin"] = ({ password = who.appPassword, upLimit, arguments: more = [] } = {}) => {
        const limits = upLimit === undefined ? [] : ["--uplimit", String(upLimit)];
        const credentials = ["-u", who.address, "-p", password];
        const child = spawn(
          "nextcloudcmd",
          [...credentials, "--non-interactive", ...limits, ...more, directory, base],
          {
            env: { PATH: process.env.PATH, HOME: settings, QT_QPA_PLATFORM: "offscreen", LANG: "C.UTF-8" },
            stdio: ["ignore", "pipe", "pipe"],
          },
        );
        running.add(child);
        let output = "";
        child.stdout.on("data", (chunk: Buffer) => (output += chunk));
        child.stderr.on("data", (chunk: Buffer) => (output += chunk));
        const timer = setTimeout(() => child.kill("SIGKILL"), longestRun);
        const ended = once(child, "close").then(([code]: (number | null)[]) => {
          clearTimeout(timer);
          running.delete(child);
          return { code: code ?? null, output };
        });
        return { process: child, ended, printed: () => output };
      };
      const sync = (options?: SyncOptions): Promise<SyncRun> => begin(options).ended;
      return {
        directory,
        path: (relative) => join(directory, relative),
        begin,
        sync,
        async syncWell() {
          const { code, output } = await sync();
          assert.equal(code, 0, `${name} ends with ${code}:\n${output.slice(-8_000)}`);
        },
        async forgetRefusals() {
          const journals = (await readdir(directory)).filter((entry) => /^\.sync_.*\.db$/.test(entry));
          assert.equal(journals.length, 1, "the client keeps one journal");
          const journal = new DatabaseSync(join(directory, journals[0]!));
          journal.exec("DELETE FROM blacklist");
          journal.close();
        },
      };
    },
    async remove() {
      for (const child of running) child.kill("SIGKILL");
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What belongs to the client itself. */
const ownFiles = /^(\.sync_[^/]*|\.(owncloud|nextcloud)sync\.log.*|\._?sync.*\.db.*)$/;

/** Everything in a folder by its path: `folder`, or what the bytes of a file hash to. */
export async function readTree(directory: string, beneath = ""): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(join(directory, beneath), { withFileTypes: true })) {
    if (beneath === "" && ownFiles.test(entry.name)) continue;
    const path = beneath === "" ? entry.name : `${beneath}/${entry.name}`;
    if (entry.isDirectory()) {
      found.set(path, "folder");
      for (const [inner, content] of await readTree(directory, path)) found.set(inner, content);
    } else found.set(path, await hashOf(join(directory, path)));
  }
  return found;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex").slice(0, 20);
}

export function hashOfText(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 20);
}

function sorted(tree: ReadonlyMap<string, string>): [string, string][] {
  return [...tree].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** @throws when the folders of these computers differ, by a name or a byte */
export async function assertSameTrees(...clients: readonly DesktopClient[]): Promise<Map<string, string>> {
  const [first, ...others] = await Promise.all(clients.map(({ directory }) => readTree(directory)));
  for (const other of others) assert.deepEqual(sorted(other), sorted(first!));
  return first!;
}
