import type { Readable } from "node:stream";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import type { Reader } from "../../../store/database.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";
import { dkimPurpose } from "./create-dkim-key.ts";

/** What is signed when it is there, and its absence too where a forger could add it (RFC 6376 section 5.4). */
const signedFields =
  "From:From:Sender:Reply-To:Subject:Subject:Date:Date:Message-ID:To:To:Cc:Cc:MIME-Version:Content-Type:Content-Type:" +
  "Content-Transfer-Encoding:In-Reply-To:References:List-Id:List-Unsubscribe:List-Unsubscribe-Post";

/**
 * Signs for a domain with its active keys, one signature for each algorithm (RFC 8463 section 3).
 * @param open the message as it will leave, line ends CRLF
 * @returns the DKIM-Signature fields, each ended by CRLF; empty when the domain has no key
 * @throws Error when a key cannot be unsealed or the message cannot be signed
 */
export async function signMessage(
  reader: Reader,
  secrets: Pick<ServerSecrets, "open">,
  domain: string,
  open: () => Readable,
): Promise<string> {
  const rows = await reader
    .selectFrom("dkim_key")
    .select(["selector", "private_key", "algorithm"])
    .where("domain", "=", domain)
    .where("state", "=", "active")
    .orderBy("created_at", "desc")
    .execute();
  // One of each: while a rotation is written, two may be active.
  const newest = rows.filter((row, index) => rows.findIndex((other) => other.algorithm === row.algorithm) === index);
  if (newest.length === 0) return "";
  const keys = newest.map((row) => {
    const privateKey = secrets.open(dkimPurpose, Buffer.from(row.private_key, "base64"));
    if (!privateKey) throw new Error(`The DKIM key ${row.selector} of ${domain} cannot be unsealed`);
    return { ...row, privateKey };
  });
  const stream = open();
  try {
    const signed = await dkimSign(stream, {
      signingDomain: domain,
      selector: keys[0]!.selector,
      privateKey: keys[0]!.privateKey,
      signatureData: keys.map(({ selector, privateKey, algorithm }) => ({
        signingDomain: domain,
        selector,
        privateKey,
        algorithm: algorithm === "ed25519" ? "ed25519-sha256" : "rsa-sha256",
        canonicalization: "relaxed/relaxed",
        headerList: signedFields,
      })),
    });
    const failure = signed.errors[0]?.err;
    if (failure) throw new Error(`The message cannot be signed for ${domain}`, { cause: failure });
    return signed.signatures;
  } finally {
    stream.destroy();
  }
}
