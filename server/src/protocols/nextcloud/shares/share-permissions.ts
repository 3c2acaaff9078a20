import type { Right } from "../../../domain/access/account-access.ts";
import type { LinkRight } from "../../../domain/sharing/model.ts";
import { OcsError } from "../ocs/ocs-route.ts";

/** The bits that the sharing API calls permissions. */
const bits: readonly (readonly [Right, number])[] = [
  ["read", 1],
  ["write", 2],
  ["create", 4],
  ["delete", 8],
  ["share", 16],
];

/** @throws OcsError 400 for none, or bits that mean nothing */
export function rightsOfBits(sum: number): Set<Right> {
  if (!Number.isInteger(sum) || sum < 1 || sum > 31)
    throw new OcsError(400, "Valid permissions are required for sharing");
  return new Set(bits.filter(([, bit]) => (sum & bit) !== 0).map(([right]) => right));
}

/** A link gives nothing on: the bit for it is passed over, as clients send it. */
export function linkRightsOfBits(sum: number): Set<LinkRight> {
  return new Set([...rightsOfBits(sum)].filter((right): right is LinkRight => right !== "share"));
}

export function bitsOfRights(rights: ReadonlySet<string>): number {
  return bits.reduce((sum, [right, bit]) => sum + (rights.has(right) ? bit : 0), 0);
}
