import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { findProgram } from "./find-program.ts";

/** What a program may use. Of each process that it starts, too. */
export interface Limits {
  /** Of processor time. */
  readonly seconds: number;
  /** Of private memory that can be written, in bytes: not of addresses, of which Node reserves many. */
  readonly memory: number;
  /** Largest file that it writes, in bytes. */
  readonly fileSize: number;
}

/** Where a program works, and what runs it there. */
export interface Confined {
  readonly command: string;
  readonly args: readonly string[];
}

/** How programs that read what strangers made are kept from everything else. */
export interface Isolation {
  /** False: the system permits no namespaces, and only limits, an empty environment and a folder of its own keep a program in. */
  readonly isWhole: boolean;
  /** The name that a working folder has for the program inside. */
  inside(folder: WorkFolder): string;
  confine(folder: WorkFolder, limits: Limits, program: string, args: readonly string[]): Confined;
}

export interface WorkFolder {
  /** The program's own: the only one that it can write. */
  readonly work: string;
  /** Empty; a root of its own is made there. */
  readonly root: string;
}

/** What programs need of the system; what is missing is left out. */
const systemPlaces = [
  ...["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store"],
  ...[
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/libreoffice",
    "/etc/ssl/openssl.cnf",
    "/var/cache/fontconfig",
  ],
  ...["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"],
];

const insideName = "/preview";

// $1 the new root, $2 the working folder; places to show until --, places to hide until --, the program.
const enterScript = `set -e
root=$1 work=$2; shift 2
mount -t tmpfs -o size=8m,mode=755 tmpfs "$root"
mkdir -p "$root/proc" "$root/tmp" "$root/dev" "$root/preview"
while [ "$1" != -- ]; do
  if [ -L "$1" ]; then mkdir -p "$root\${1%/*}"; ln -s "$(readlink "$1")" "$root$1"
  elif [ -d "$1" ]; then
    mkdir -p "$root$1"; mount --rbind "$1" "$root$1"
    mount -o remount,bind,ro "$root$1" 2>/dev/null || :
  elif [ -e "$1" ]; then mkdir -p "$root\${1%/*}"; : > "$root$1"; mount --bind "$1" "$root$1"
  fi
  shift
done
shift
while [ "$1" != -- ]; do
  if [ -d "$root$1" ]; then mount -t tmpfs -o size=4k,mode=0 tmpfs "$root$1"; fi
  shift
done
shift
mount --bind "$work" "$root/preview"
mount -t proc proc "$root/proc" 2>/dev/null || :
exec chroot "$root" setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`;

// $1 seconds, $2 KiB of memory, $3 blocks of 512 bytes, $4 the folder. A limit that the system lacks is no reason not to run.
const limitScript = `ulimit -c 0; ulimit -t "$1"; ulimit -d "$2" 2>/dev/null; ulimit -f "$3"; cd "$4" || exit 126; shift 4; exec "$@"`;

function limited(limits: Limits, folder: string, program: string, args: readonly string[]): string[] {
  const { seconds, memory, fileSize } = limits;
  const numbers = [seconds, Math.ceil(memory / 1_024), Math.ceil(fileSize / 512)].map(String);
  return ["/bin/sh", "-c", limitScript, "preview", ...numbers, folder, program, ...args];
}

function withLimitsOnly(): Isolation {
  return {
    isWhole: false,
    inside: ({ work }) => work,
    confine: ({ work }, limits, program, args) => {
      const [command, ...rest] = limited(limits, work, program, args);
      return { command: command!, args: rest };
    },
  };
}

export interface IsolationOptions {
  /** Beside those of the system: folders that programs of ours need. */
  readonly shown: readonly string[];
  /** What must not be seen even when it lies in a place that is. */
  readonly hidden: readonly string[];
  /** Where `unshare` is looked for. */
  readonly searched: string;
}

/**
 * Tries what this system permits: on Linux namespaces of its own for each program (unshare(1)), with no network, no other process and
 * no file but those of the system and its own folder.
 * @param probe a working folder to try it in
 */
export async function openIsolation(options: IsolationOptions, probe: WorkFolder): Promise<Isolation> {
  const needed = ["unshare", "setpriv", "mount", "chroot"].map((name) =>
    findProgram(name, `${options.searched}:/usr/sbin:/sbin`),
  );
  const [unshare] = needed;
  if (process.platform !== "linux" || unshare === undefined || needed.includes(undefined)) return withLimitsOnly();
  const shown = [
    ...systemPlaces,
    ...options.shown.map((path) => resolve(path)).filter((path) => !/^\/(usr|bin|lib|opt)\//.test(path)),
  ];
  const flags = ["--user", "--map-root-user", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child"];
  const whole: Isolation = {
    isWhole: true,
    inside: () => insideName,
    confine: ({ work, root }, limits, program, args) => ({
      command: unshare,
      args: [
        ...flags,
        ...["--", "/bin/sh", "-c", enterScript, "preview", root, work],
        ...[...shown, "--", ...options.hidden, "--"],
        ...limited(limits, insideName, program, args),
      ],
    }),
  };
  const { command, args } = whole.confine(probe, { seconds: 10, memory: 2 ** 29, fileSize: 2 ** 20 }, "/bin/sh", [
    "-c",
    "exit 7",
  ]);
  const { promise, resolve: settle } = Promise.withResolvers<boolean>();
  const child = spawn(command, args, {
    stdio: "ignore",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  child.on("error", () => settle(false));
  child.on("close", (code) => settle(code === 7));
  return (await promise) ? whole : withLimitsOnly();
}

/** The folder of a program, through links to where it really is: an office suite has its parts beside it. */
export function homeOf(program: string): string {
  return dirname(realpathSync(program));
}
