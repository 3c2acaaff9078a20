import { randomUUID, X509Certificate } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Logger } from "../telemetry/logger.ts";
import { ListenError } from "./listen-error.ts";
import { makeSelfSignedCertificate } from "./self-signed-certificate.ts";

export type TlsMaterial = {
  /** PEM, the chain included. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
};

/** The certificate that the servers show. */
export type Tls = {
  readonly selfSigned: boolean;
  /** What is in force now. */
  material(): TlsMaterial;
  context(): SecureContext;
  /** Reads the files again; what is in force stays so when they are wrong. @throws ListenError */
  reload(): Promise<void>;
  /** Calls back after each reload, for servers that keep a copy; returns the function that ends this. */
  onReload(callback: (material: TlsMaterial) => void): () => void;
};

export type TlsOptions = {
  /** Paths of PEM files; undefined: a self-signed certificate kept in `directory`. */
  readonly files: { readonly certificate: string; readonly key: string } | undefined;
  readonly directory: string;
  /** The names that a self-signed certificate is for. */
  readonly hostNames: readonly string[];
  readonly log: Logger;
};

/** TLS settings that every server uses: 1.2 and newer (RFC 8996 forbids the older). */
export const tlsPolicy = { minVersion: "TLSv1.2", honorCipherOrder: true } as const;

/**
 * Opens the certificate given by the operator, or the self-signed one, made at the first start.
 * @throws ListenError with one sentence when a file is missing, malformed, or key and certificate do not match.
 */
export async function openTls(options: TlsOptions): Promise<Tls> {
  const { files } = options;
  const read = () => (files ? readGiven(files) : readOrMakeSelfSigned(options));
  let material = await read();
  let context = makeContext(material, files?.certificate ?? options.directory);
  warnOfExpiry(material, options.log);
  const callbacks = new Set<(material: TlsMaterial) => void>();
  return {
    selfSigned: files === undefined,
    material: () => material,
    context: () => context,
    reload: async () => {
      const next = await read();
      context = makeContext(next, files?.certificate ?? options.directory);
      material = next;
      warnOfExpiry(material, options.log);
      for (const callback of callbacks) callback(material);
    },
    onReload: (callback) => {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
  };
}

function makeContext(material: TlsMaterial, where: string): SecureContext {
  try {
    return createSecureContext({ cert: material.certificate, key: material.key, ...tlsPolicy });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH"
        ? "the key is not that of the certificate"
        : (error as Error).message;
    throw new ListenError(`The TLS certificate ${where} cannot be used: ${why}.`, { cause: error });
  }
}

async function readGiven(files: NonNullable<TlsOptions["files"]>): Promise<TlsMaterial> {
  const read = async (path: string, marker: RegExp, what: string) => {
    let content: string;
    try {
      content = await readFile(path, "utf8");
    } catch (error) {
      throw new ListenError(`The TLS ${what} ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    }
    if (marker.test(content)) return content;
    throw new ListenError(`The TLS ${what} ${path} is not a PEM file of a ${what}.`);
  };
  return {
    certificate: await read(files.certificate, /-----BEGIN CERTIFICATE-----/, "certificate"),
    key: await read(files.key, /-----BEGIN [A-Z ]*PRIVATE KEY-----/, "key"),
  };
}

/** Certificate and key stand in one file, so that no crash can leave one without the other. */
async function readOrMakeSelfSigned({ directory, hostNames, log }: TlsOptions): Promise<TlsMaterial> {
  const path = join(directory, "self-signed.pem");
  const kept = await readFile(path, "utf8").catch(() => undefined);
  if (kept !== undefined && isStillGood(kept, hostNames)) return { certificate: kept, key: kept };
  const day = 86_400_000;
  const pem = makeSelfSignedCertificate(hostNames, new Date(Date.now() - day), new Date(Date.now() + 3650 * day));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, pem, { mode: 0o600, flush: true });
  try {
    if (kept !== undefined) await rm(path, { force: true });
    // Of several copies that start together one makes the certificate of all: link, unlike rename, replaces nothing.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const theirs = await readFile(path, "utf8");
    return { certificate: theirs, key: theirs };
  } finally {
    await rm(draft, { force: true });
  }
  log.info({ hostNames }, "made a self-signed TLS certificate: programs will warn their users until one is given");
  return { certificate: pem, key: pem };
}

function isStillGood(pem: string, hostNames: readonly string[]): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const month = 30 * 86_400_000;
    return (
      certificate.validToDate.getTime() - Date.now() > month &&
      hostNames.every(
        (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined,
      )
    );
  } catch {
    return false;
  }
}

function warnOfExpiry(material: TlsMaterial, log: Logger): void {
  const until = new X509Certificate(material.certificate).validToDate;
  const days = Math.floor((until.getTime() - Date.now()) / 86_400_000);
  if (days < 0) log.error({ validTo: until.toISOString() }, "the TLS certificate has expired");
  else if (days < 14) log.warn({ validTo: until.toISOString(), days }, "the TLS certificate expires soon");
}
