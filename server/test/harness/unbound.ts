import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createResolver } from "../../src/outbound/dns/create-resolver.ts";

export interface TestZone {
  readonly name: string;
  /** Lines of a zone file, without SOA and NS. */
  readonly records: readonly string[];
  /** Signed by the test, its key an anchor of unbound's. `forged`: changed after it was signed. */
  readonly kind: "signed" | "unsigned" | "forged";
  /** How it is changed; its addresses of 127.0.0.1 unless told. */
  readonly forge?: (text: string) => string;
}

export interface Unbound {
  /** For the settings and `createResolver`. */
  readonly server: string;
  close(): Promise<void>;
}

function run(directory: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: directory, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  return stdout.trim();
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** Debian's unbound, validating zones that are signed here with ldns; it asks nobody else. */
export async function startUnbound(zones: readonly TestZone[]): Promise<Unbound> {
  const directory = mkdtempSync(join(tmpdir(), "bouquet-unbound-"));
  const anchors: string[] = [];
  const files = zones.map((zone) => {
    const file = join(directory, `${zone.name}.zone`);
    const head = [
      `$ORIGIN ${zone.name}.`,
      "$TTL 60",
      `@ IN SOA ns.${zone.name}. hostmaster.${zone.name}. 1 3600 600 86400 60`,
      "@ IN NS ns",
      "ns IN A 127.0.0.1",
    ];
    writeFileSync(file, `${[...head, ...zone.records].join("\n")}\n`);
    if (zone.kind === "unsigned") return { name: zone.name, file };
    const key = run(directory, "ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone.name);
    anchors.push(join(directory, `${key}.key`));
    run(directory, "ldns-signzone", "-n", file, key);
    const signed = `${file}.signed`;
    if (zone.kind === "forged") {
      const text = readFileSync(signed, "utf8");
      const forged = (zone.forge ?? ((each) => each.replaceAll(/(\tA\t)127\.0\.0\.1/g, "$1127.0.0.2")))(text);
      if (forged === text) throw new Error(`Nothing was forged in ${zone.name}`);
      writeFileSync(signed, forged);
    }
    return { name: zone.name, file: signed };
  });
  const port = await freeUdpPort();
  const config = join(directory, "unbound.conf");
  writeFileSync(
    config,
    [
      "server:",
      `  interface: 127.0.0.1@${port}`,
      '  username: ""',
      '  chroot: ""',
      `  directory: "${directory}"`,
      `  pidfile: "${join(directory, "unbound.pid")}"`,
      "  do-daemonize: no",
      "  use-syslog: no",
      "  num-threads: 1",
      "  verbosity: 1",
      "  do-ip6: no",
      '  module-config: "validator iterator"',
      ...anchors.map((file) => `  trust-anchor-file: "${file}"`),
      "remote-control:",
      "  control-enable: no",
      ...files.flatMap(({ name, file }) => [
        "auth-zone:",
        `  name: "${name}"`,
        `  zonefile: "${file}"`,
        "  for-upstream: yes",
        "  for-downstream: no",
        "  fallback-enabled: no",
      ]),
    ].join("\n"),
  );
  const program: ChildProcess = spawn("unbound", ["-c", config], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
  let output = "";
  program.stderr!.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => {
    program.once("error", (error) => {
      output += String(error);
      resolve();
    });
    program.once("exit", () => resolve());
  });
  const close = async (): Promise<void> => {
    program.kill("SIGTERM");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  const server = `127.0.0.1:${port}`;
  const deadline = Date.now() + 60_000;
  const resolver = createResolver({ servers: [server], timeoutMs: 500, tries: 1 });
  for (;;) {
    const answer = await resolver.resolve(`ns.${zones[0]!.name}`, "A").catch((error: unknown) => error);
    if (Array.isArray(answer)) return { server, close };
    if (Date.now() > deadline || program.exitCode !== null) {
      const left = readdirSync(directory).join(" ");
      await close();
      throw new Error(`unbound does not answer: ${String(answer)} ${output} (${left})`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
