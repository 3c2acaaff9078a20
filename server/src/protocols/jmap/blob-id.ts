/*
 * A blob id of the domain is `<uuid>`, or `<uuid>.1.2` for the decoded part 1.2 of that message. An Id of JMAP has no dots
 * (RFC 8620 section 1.2): `<uuid>_1_2`.
 */

export function toBlobId(id: string, path = ""): string {
  return path === "" ? id : `${id}_${path.replaceAll(".", "_")}`;
}

export function fromBlobId(blobId: string): string {
  return blobId.replaceAll("_", ".");
}
