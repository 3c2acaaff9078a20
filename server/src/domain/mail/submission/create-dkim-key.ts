import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { Transactor } from "../../../store/database.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";

const generate = promisify(generateKeyPair);

export type DkimAlgorithm = "rsa" | "ed25519";

export interface DkimKey {
  algorithm: DkimAlgorithm;
  /** PKCS #8 in PEM. */
  privateKey: string;
  /** The `p=` value of the DNS record. */
  publicKey: string;
}

/**
 * The two keys of a domain: RSA of 2048 bits, which every receiver verifies (RFC 8301), and Ed25519, which RFC 8463 asks to
 * sign beside it. Takes 50 to 500 ms.
 */
export async function makeDkimKeys(): Promise<DkimKey[]> {
  const [rsa, ed25519] = await Promise.all([generate("rsa", { modulusLength: 2048 }), generate("ed25519")]);
  const pem = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }) as string;
  const der = (key: KeyObject): Buffer => key.export({ format: "der", type: "spki" }) as Buffer;
  return [
    { algorithm: "rsa", privateKey: pem(rsa.privateKey), publicKey: der(rsa.publicKey).toString("base64") },
    // RFC 8463 section 4: the 32 bytes of the key alone, without their SubjectPublicKeyInfo.
    {
      algorithm: "ed25519",
      privateKey: pem(ed25519.privateKey),
      publicKey: der(ed25519.publicKey).subarray(-32).toString("base64"),
    },
  ];
}

export const dkimPurpose = "dkim";

/**
 * Gives a domain keys. A selector names the month and the algorithm, so that later keys stand beside these in DNS.
 * @param state the first keys of a domain are `active` at once: until DNS shows them their signatures count for nothing, as if
 *   the mail was not signed (RFC 6376 section 6.1), and from then on they do. Later ones are `pending` until DNS was seen to show
 *   them, since mail signed by a working key must not be signed by one that is not.
 * @returns the selectors
 */
export async function createDkimKeys(
  tx: Transactor,
  secrets: ServerSecrets,
  owner: { organizationId: string; domain: string },
  keys: readonly DkimKey[],
  state: "active" | "pending",
  now: Date = new Date(),
): Promise<string[]> {
  const { organizationId, domain } = owner;
  const month = `${now.getUTCFullYear()}${String(now.getUTCMonth() + 1).padStart(2, "0")}`;
  const taken = await tx.selectFrom("dkim_key").select("selector").where("domain", "=", domain).execute();
  const selectors = new Set(taken.map((row) => row.selector));
  const made: string[] = [];
  for (const key of keys) {
    const stem = `${key.algorithm === "rsa" ? "b" : "e"}${month}`;
    let selector = stem;
    for (let count = 2; selectors.has(selector); count++) selector = `${stem}-${count}`;
    await tx
      .insertInto("dkim_key")
      .values({
        domain,
        selector,
        organization_id: organizationId,
        algorithm: key.algorithm,
        private_key: secrets.seal(dkimPurpose, key.privateKey).toString("base64"),
        public_key: key.publicKey,
        state,
        created_at: now,
        activated_at: state === "active" ? now : null,
      })
      .execute();
    made.push(selector);
  }
  return made;
}
