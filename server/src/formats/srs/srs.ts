import { createHmac, timingSafeEqual } from "node:crypto";

/*
 * Sender Rewriting Scheme: a forwarder puts a return path of its own in place of the sender's, so that SPF of the next server passes,
 * and brings what comes back to it to the sender. No RFC; the guarded scheme of the SRS paper, as Mail::SRS and postsrsd write it:
 *   SRS0=HHH=TT=domain=local@forwarder        the first forwarder
 *   SRS1=HHH=first==HHH=TT=domain=local@second  all later ones: they point at the first, whose hash they cannot check
 */

export interface SrsKey {
  /** Of the forwarding domain; known to nobody else. */
  readonly secret: string;
}

/** How long what comes back is taken, in days. */
const srsValidDays = 21;

const hashLength = 6;
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const cycle = 1024;

/**
 * Rewrites a return path for a forwarding domain.
 * @param sender `local@domain`, not empty
 */
export function rewriteSender(sender: string, forwarder: string, key: SrsKey, now: Date = new Date()): string {
  const { local, domain } = split(sender);
  const srs1 = /^SRS1[=+-]([^=]+)=([^=]+)=(.*)$/is.exec(local);
  if (srs1) {
    // The first forwarder stays the one that is written: the chain grows no longer.
    const [, , first, rest] = srs1;
    return `SRS1=${hash([first!, rest!], key)}=${first}=${rest}@${forwarder}`;
  }
  const srs0 = /^SRS0(.*)$/is.exec(local);
  if (srs0 && /^[=+-]/.test(srs0[1]!)) {
    return `SRS1=${hash([domain, srs0[1]!], key)}=${domain}=${srs0[1]}@${forwarder}`;
  }
  const stamp = timestamp(now);
  return `SRS0=${hash([stamp, domain, local], key)}=${stamp}=${domain}=${local}@${forwarder}`;
}

/** Whether a local part is written as a rewritten return path. */
export function isRewritten(localPart: string): boolean {
  return /^SRS[01][=+-]/i.test(localPart);
}

/**
 * The address that a return path of ours stands for: the sender, or the first forwarder's return path.
 * @param localPart with its case as it came
 * @returns undefined when it was not made with this key, is too old, or is not one
 */
export function reverseSender(localPart: string, key: SrsKey, now: Date = new Date()): string | undefined {
  const srs0 = /^SRS0[=+-]([^=]+)=([A-Z2-7]{2})=([^=]+)=(.+)$/is.exec(localPart);
  if (srs0) {
    const [, given, stamp, domain, local] = srs0;
    if (!isRight(given!, [stamp!, domain!, local!], key) || !isFresh(stamp!, now)) return undefined;
    return `${local}@${domain}`;
  }
  const srs1 = /^SRS1[=+-]([^=]+)=([^=]+)=([=+-].+)$/is.exec(localPart);
  if (srs1) {
    const [, given, first, rest] = srs1;
    if (!isRight(given!, [first!, rest!], key)) return undefined;
    return `SRS0${rest}@${first}`;
  }
  return undefined;
}

function split(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf("@");
  return { local: address.slice(0, at), domain: address.slice(at + 1) };
}

/** Days modulo 1024, in two characters of base 32. */
function timestamp(now: Date): string {
  const days = dayOf(now) % cycle;
  return base32[days >> 5]! + base32[days & 31]!;
}

function dayOf(now: Date): number {
  return Math.floor(now.getTime() / 86_400_000);
}

function isFresh(stamp: string, now: Date): boolean {
  const [high, low] = [...stamp.toUpperCase()].map((character) => base32.indexOf(character));
  const age = (dayOf(now) - (high! * 32 + low!) + cycle * 2) % cycle;
  // A day ahead: the clocks of two copies may differ around midnight.
  return age <= srsValidDays || age === cycle - 1;
}

/** Of the text in lower case: servers on the way may change the case of a local part. Without "+", which relays cut at. */
function hash(parts: readonly string[], { secret }: SrsKey): string {
  return createHmac("sha256", secret).update(parts.join("=").toLowerCase()).digest("base64url").slice(0, hashLength);
}

function isRight(given: string, parts: readonly string[], key: SrsKey): boolean {
  const expected = Buffer.from(hash(parts, key).toLowerCase());
  const actual = Buffer.from(given.toLowerCase());
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
