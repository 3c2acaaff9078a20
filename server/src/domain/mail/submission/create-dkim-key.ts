import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import type { Transactor } from "../../../store/database.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";

const generate = promisify(generateKeyPair);

export interface DkimKey {
  /** PKCS #8 in PEM. */
  privateKey: string;
  /** The `p=` value of the DNS record. */
  publicKey: string;
}

/** RSA of 2048 bits: what every receiver verifies (RFC 8301); many still ignore Ed25519 (RFC 8463). Takes 50 to 500 ms. */
export async function makeDkimKey(): Promise<DkimKey> {
  const { privateKey, publicKey } = await generate("rsa", { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }) as string,
    publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
  };
}

export const dkimPurpose = "dkim";

/**
 * Gives a domain the key that signs its mail. The selector names the month, so that a later key stands beside this one in DNS.
 * @returns the selector
 */
export async function createDkimKey(
  tx: Transactor,
  secrets: ServerSecrets,
  organizationId: string,
  domain: string,
  key: DkimKey,
  now: Date = new Date(),
): Promise<string> {
  const month = `b${now.getUTCFullYear()}${String(now.getUTCMonth() + 1).padStart(2, "0")}`;
  const taken = await tx.selectFrom("dkim_key").select("selector").where("domain", "=", domain).execute();
  const selectors = new Set(taken.map((row) => row.selector));
  let selector = month;
  for (let count = 2; selectors.has(selector); count++) selector = `${month}-${count}`;
  await tx
    .insertInto("dkim_key")
    .values({
      domain,
      selector,
      organization_id: organizationId,
      algorithm: "rsa",
      private_key: secrets.seal(dkimPurpose, key.privateKey).toString("base64"),
      public_key: key.publicKey,
    })
    .execute();
  return selector;
}
