import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestCertificate {
  readonly key: string;
  /** PEM, with its chain. */
  readonly cert: string;
}

export interface TestAuthority {
  /** PEM. */
  readonly ca: string;
  issue(name: string, options?: { days?: number }): TestCertificate;
  close(): void;
}

function openssl(directory: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync("openssl", args, { cwd: directory, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
}

/** An authority of the test's own, which nothing else believes; made with openssl. */
export function createAuthority(): TestAuthority {
  const directory = mkdtempSync(join(tmpdir(), "bouquet-ca-"));
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    directory,
    "req",
    "-x509",
    ...newKey,
    ...["-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test authority"],
  );
  let count = 0;
  return {
    ca: read("ca.pem"),
    issue(name, { days = 20 } = {}) {
      const id = `leaf${++count}`;
      openssl(directory, "req", ...newKey, "-keyout", `${id}.key`, "-out", `${id}.csr`, "-subj", `/CN=${name}`);
      writeFileSync(join(directory, `${id}.ext`), `subjectAltName=DNS:${name}\nbasicConstraints=CA:FALSE\n`);
      openssl(
        directory,
        "x509",
        "-req",
        ...["-in", `${id}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", `${id}.pem`],
        ...["-days", String(days), "-extfile", `${id}.ext`],
      );
      return { key: read(`${id}.key`), cert: read(`${id}.pem`) + read("ca.pem") };
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}
