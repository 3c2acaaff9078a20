import { createPrivateKey, X509Certificate } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import type { Config } from "./config.ts";
import { ConfigError } from "./config-error.ts";

/**
 * Looks into the files that settings name, so that a wrong one stops the start before anything is created.
 * @throws ConfigError
 */
export function checkFiles(config: Pick<Config, "listen" | "operator" | "previews">): void {
  const { tls } = config.listen;
  if (tls) {
    const certificate = readFile("BOUQUET_TLS_CERTIFICATE", tls.certificate);
    const key = readFile("BOUQUET_TLS_KEY", tls.key);
    checkPair(certificate, key);
  }
  for (const [name, path] of Object.entries(config.previews.programs)) {
    if (path?.startsWith("/")) checkProgram(programSettings[name as keyof typeof programSettings], path);
  }
  const { logo } = config.operator;
  if (logo === undefined) return;
  if (!/\.(svg|png)$/i.test(logo))
    throw new ConfigError("BOUQUET_OPERATOR_LOGO must be a file that ends in .svg or .png.");
  readFile("BOUQUET_OPERATOR_LOGO", logo);
}

const programSettings = {
  ffmpeg: "BOUQUET_FFMPEG",
  pdftoppm: "BOUQUET_PDFTOPPM",
  soffice: "BOUQUET_SOFFICE",
  heifConvert: "BOUQUET_HEIF_CONVERT",
} as const satisfies Record<keyof Config["previews"]["programs"], string>;

/** One that is named may be missing; a path is a promise. */
function checkProgram(setting: string, path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new ConfigError(`${setting} must be a program that can be run, and ${path} cannot.`);
  }
}

function readFile(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError(
      `${setting} must be a file that can be read, and ${path} cannot (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

function checkPair(certificatePem: Buffer, keyPem: Buffer): void {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certificatePem);
  } catch {
    throw new ConfigError("BOUQUET_TLS_CERTIFICATE must be a PEM file with a certificate.");
  }
  let matches: boolean;
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    throw new ConfigError("BOUQUET_TLS_KEY must be a PEM file with a private key that has no pass phrase.");
  }
  if (!matches) {
    throw new ConfigError("BOUQUET_TLS_KEY must be the key of the first certificate of BOUQUET_TLS_CERTIFICATE.");
  }
}
