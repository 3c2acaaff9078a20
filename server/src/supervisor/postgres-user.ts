import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { StartError } from "./start-error.ts";

const run = promisify(execFile);

/** PostgreSQL refuses to run as root, so root starts it as this user. */
export type ServerUser = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** The capability that lets this user pass closed directories above its own; undefined when none is closed. */
  readonly capability: "dac_read_search" | "dac_override" | undefined;
};

/**
 * Decides which user PostgreSQL runs as: undefined for the one we are, or, started as root, the owner of the cluster at
 * `home`, else `postgres`, else `bouquet` (made when possible), else `nobody`.
 *
 * A clone in /root or in a directory of mktemp is closed to any other user. Opening root's directories is not ours to
 * do, so the server then keeps one capability that reads through them.
 * @throws StartError when there is no such user, or no way for it to reach `home` and `installation`.
 */
export async function chooseServerUser(home: string, installation: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const user = await findUser(home);
  const reachable =
    (await canPass(dirname(home), user)) &&
    (await canReadFile(join(installation, "bin", "postgres"), user)) &&
    (await canReadFile(join(installation, "share", "postgresql", "postgres.bki"), user));
  if (reachable) return { ...user, capability: undefined };
  const capability = await readingCapability();
  if (capability) return { ...user, capability };
  throw new StartError(
    `PostgreSQL runs as the user ${user.name}, who cannot pass the directories above ${home} and ${installation}: start Bouquet as an ordinary user, or install it elsewhere.`,
  );
}

/** The command that runs `command` as `user`, in the form that child_process.spawn takes. */
export function commandAs(
  user: ServerUser | undefined,
  command: string,
  args: readonly string[],
): { readonly command: string; readonly args: string[]; readonly identity: { uid?: number; gid?: number } } {
  if (!user) return { command, args: [...args], identity: {} };
  const { uid, gid, capability } = user;
  if (!capability) return { command, args: [...args], identity: { uid, gid } };
  const drop = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  const keep = [
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    `--bounding-set=-all,+${capability}`,
  ];
  return { command: "setpriv", args: [...drop, ...keep, "--", command, ...args], identity: {} };
}

type PasswdEntry = { readonly name: string; readonly uid: number; readonly gid: number };

async function findUser(home: string): Promise<PasswdEntry> {
  const owner = await stat(home).then(
    (found) => found.uid,
    () => 0,
  );
  if (owner !== 0) {
    const entry = await lookUp(String(owner));
    if (entry) return entry;
  }
  const existing = (await lookUp("postgres")) ?? (await lookUp("bouquet"));
  if (existing) return existing;
  await run("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "bouquet"]).catch(() => {});
  const fallback = (await lookUp("bouquet")) ?? (await lookUp("nobody"));
  if (fallback) return fallback;
  throw new StartError(
    "PostgreSQL does not run as root and there is no other user to run it as: start Bouquet as an ordinary user.",
  );
}

async function lookUp(nameOrUid: string): Promise<PasswdEntry | undefined> {
  const found = await run("getent", ["passwd", nameOrUid]).then(
    ({ stdout }) => stdout,
    async () => readFile("/etc/passwd", "utf8").catch(() => ""),
  );
  for (const line of found.split("\n")) {
    const [name = "", , uid = "", gid = ""] = line.split(":");
    if ((name === nameOrUid || uid === nameOrUid) && Number(uid) > 0)
      return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

async function canPass(directory: string, user: PasswdEntry): Promise<boolean> {
  if (!(await allows(directory, user, 0o1))) return false;
  return directory === dirname(directory) || canPass(dirname(directory), user);
}

async function canReadFile(path: string, user: PasswdEntry): Promise<boolean> {
  return (await allows(path, user, 0o4)) && canPass(dirname(path), user);
}

async function allows(path: string, user: PasswdEntry, bit: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & bit) !== 0;
}

/** CAP_DAC_READ_SEARCH only reads and passes; containers often have CAP_DAC_OVERRIDE alone. */
async function readingCapability(): Promise<ServerUser["capability"]> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const has = (number: bigint) => ((effective >> number) & 1n) === 1n;
  const hasSetpriv = await run("setpriv", ["--version"]).then(
    () => true,
    () => false,
  );
  if (!hasSetpriv) return undefined;
  if (has(2n)) return "dac_read_search";
  return has(1n) ? "dac_override" : undefined;
}
