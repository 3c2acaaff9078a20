import { type Checksum, parseChecksums } from "../../formats/oc-checksum/checksum.ts";
import { DavError } from "./dav-error.ts";

/** What an OC-Checksum header says of a body; nothing when there is none. @throws DavError 400 */
export function readChecksums(header: string | undefined): readonly Checksum[] {
  if (header === undefined || header.trim() === "") return [];
  const checksums = parseChecksums(header);
  if (!checksums) throw new DavError(400, "OC-Checksum is a name and hexadecimal digits", { header: "OC-Checksum" });
  return checksums;
}
