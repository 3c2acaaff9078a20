import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { addressBytes } from "./client-address.ts";

type Bytes = Buffer;

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One DER value (X.690): tag, length, content. */
function der(tag: number, ...content: Bytes[]): Bytes {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

const sequence = (...content: Bytes[]) => der(tags.sequence, ...content);

function objectId(dotted: string): Bytes {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const base128 = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      base128.unshift((left & 0x7f) | 0x80);
    return base128;
  });
  return der(tags.objectId, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
function time(date: Date): Bytes {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050
    ? der(tags.utcTime, Buffer.from(digits.slice(2), "latin1"))
    : der(tags.generalizedTime, Buffer.from(digits, "latin1"));
}

function extension(oid: string, critical: boolean, value: Bytes): Bytes {
  const flag = critical ? [der(tags.boolean, Buffer.from([0xff]))] : [];
  return sequence(objectId(oid), ...flag, der(tags.octetString, value));
}

const generalName = { dns: 0x82, ip: 0x87 } as const;

/**
 * Makes a P-256 key and a certificate that it signs itself, for a TLS server with these host names and IP addresses
 * (RFC 5280); the result is PEM, the certificate first. Node makes keys and signatures but no certificates.
 */
export function makeSelfSignedCertificate(names: readonly string[], validFrom: Date, validTo: Date): string {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));
  const commonName = names.find((name) => name.length <= 64) ?? "Bouquet";
  const name = sequence(
    der(tags.set, sequence(objectId("2.5.4.3"), der(tags.utf8String, Buffer.from(commonName, "utf8")))),
  );
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const alternatives = names.map((each) =>
    isIP(each) === 0 ? der(generalName.dns, Buffer.from(each, "latin1")) : der(generalName.ip, addressBytes(each)),
  );
  const extensions = sequence(
    extension("2.5.29.19", true, sequence()),
    extension("2.5.29.15", true, der(tags.bitString, Buffer.from([7, 0x80]))),
    extension("2.5.29.37", false, sequence(objectId("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.17", false, sequence(...alternatives)),
  );
  const toBeSigned = sequence(
    der(0xa0, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, serial),
    ecdsaWithSha256,
    name,
    sequence(time(validFrom), time(validTo)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, ecdsaWithSha256, der(tags.bitString, Buffer.from([0]), signature));
  const lines = certificate.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n${key}`;
}
