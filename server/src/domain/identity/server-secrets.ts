import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  generateKeyPair,
  hkdfSync,
  randomBytes,
  randomUUID,
} from "node:crypto";
import { promisify } from "node:util";
import type { Store } from "../../store/database.ts";

/** A private key of the issuer as a JSON Web Key (RFC 7517). */
export interface SigningKey {
  kty: string;
  kid: string;
  alg: "RS256" | "ES256";
  use: "sig";
  [member: string]: unknown;
}

/** Keys made at the first start and kept in the database, so that every copy of the program has the same ones. */
export interface ServerSecrets {
  /**
   * What is stored of a token of 128 random bits or more: HMAC-SHA-256, so that a leaked table of tokens opens nothing, and an
   * index finds it. Tokens of different purposes never match each other.
   */
  hashToken(purpose: string, token: string): Buffer;
  /** Encrypts with AES-256-GCM for `purpose` only. */
  seal(purpose: string, plaintext: string | Uint8Array): Buffer;
  /** @returns undefined when it was not sealed here, for this purpose, or was changed */
  open(purpose: string, sealed: Uint8Array): Buffer | undefined;
  /** A secret of 256 bits that depends on the purpose alone, such as that of a first-party client. */
  derive(purpose: string): string;
  /** Newest first. */
  readonly cookieKeys: readonly string[];
  /** Newest first of each algorithm. */
  readonly signingKeys: readonly SigningKey[];
}

const generate = promisify(generateKeyPair);
const nonceLength = 12;
const tagLength = 16;

/**
 * Reads the keys, making those that are missing. Two copies that start together end with the same keys.
 * @throws StoreError
 */
export async function loadServerSecrets(store: Store): Promise<ServerSecrets> {
  const root = await getOrCreate(store, "root", async () => ({ key: randomBytes(32).toString("base64url") }));
  const cookies = await getOrCreate(store, "cookies", async () => ({ keys: [randomBytes(32).toString("base64url")] }));
  const { keys } = await getOrCreate(store, "issuer", async () => ({ keys: await makeSigningKeys() }));
  return createServerSecrets(Buffer.from(root.key, "base64url"), cookies.keys, keys);
}

export function createServerSecrets(
  root: Uint8Array,
  cookieKeys: readonly string[],
  signingKeys: readonly SigningKey[],
): ServerSecrets {
  const derived = new Map<string, Buffer>();
  const keyFor = (kind: string, purpose: string): Buffer => {
    const info = `bouquet ${kind} ${purpose}`;
    const known = derived.get(info);
    if (known) return known;
    const key = Buffer.from(hkdfSync("sha256", root, "", info, 32));
    derived.set(info, key);
    return key;
  };
  return {
    hashToken: (purpose, token) => createHmac("sha256", keyFor("token", purpose)).update(token).digest(),
    seal(purpose, plaintext) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", keyFor("seal", purpose), nonce);
      return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    },
    open(purpose, sealed) {
      if (sealed.length < nonceLength + tagLength) return undefined;
      const decipher = createDecipheriv("aes-256-gcm", keyFor("seal", purpose), sealed.subarray(0, nonceLength), {
        authTagLength: tagLength,
      });
      decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
      try {
        return Buffer.concat([
          decipher.update(sealed.subarray(nonceLength, sealed.length - tagLength)),
          decipher.final(),
        ]);
      } catch {
        return undefined;
      }
    },
    derive: (purpose) => keyFor("secret", purpose).toString("base64url"),
    cookieKeys,
    signingKeys,
  };
}

/** Keys of their own, for tests that have no database. */
async function makeSigningKeys(): Promise<SigningKey[]> {
  const [elliptic, rsa] = await Promise.all([
    generate("ec", { namedCurve: "P-256" }),
    generate("rsa", { modulusLength: 2048 }),
  ]);
  return [
    { ...elliptic.privateKey.export({ format: "jwk" }), kty: "EC", kid: randomUUID(), alg: "ES256", use: "sig" },
    { ...rsa.privateKey.export({ format: "jwk" }), kty: "RSA", kid: randomUUID(), alg: "RS256", use: "sig" },
  ];
}

async function getOrCreate<T extends object>(store: Store, name: string, make: () => Promise<T>): Promise<T> {
  const read = () => store.read.selectFrom("server_secret").select("value").where("name", "=", name).executeTakeFirst();
  const found = await read();
  if (found) return found.value as unknown as T;
  const value = JSON.stringify(await make());
  await store.transact((tx) =>
    tx
      .insertInto("server_secret")
      .values({ name, value })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
  return (await read())!.value as unknown as T;
}
