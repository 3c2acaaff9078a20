import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Config } from "./config.ts";
import { ConfigError } from "./config-error.ts";

/**
 * Looks into the files that settings name, so that a wrong one stops the start before anything is created.
 * @throws ConfigError
 */
export function checkFiles(config: Pick<Config, "listen" | "operator">): void {
  const { tls } = config.listen;
  if (tls) {
    const certificate = readFile("BOUQUET_TLS_CERTIFICATE", tls.certificate);
    const key = readFile("BOUQUET_TLS_KEY", tls.key);
    checkPair(certificate, key);
  }
  const { logo } = config.operator;
  if (logo === undefined) return;
  if (!/\.(svg|png)$/i.test(logo))
    throw new ConfigError("BOUQUET_OPERATOR_LOGO must be a file that ends in .svg or .png.");
  readFile("BOUQUET_OPERATOR_LOGO", logo);
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
