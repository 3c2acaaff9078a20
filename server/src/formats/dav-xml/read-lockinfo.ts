import { BadXml } from "./bad-xml.ts";
import { findChildElement, type XmlElement } from "./xml-element.ts";
import { dav } from "./xml-names.ts";

export interface LockInfo {
  readonly scope: "exclusive" | "shared";
  readonly owner: XmlElement | undefined;
}

/** RFC 4918 section 14.11; write locks are the only ones there are. @throws BadXml */
export function readLockInfo(root: XmlElement): LockInfo {
  if (root.name !== dav("lockinfo")) throw new BadXml("A lockinfo is expected");
  const type = findChildElement(root, dav("locktype"));
  if (!type || !findChildElement(type, dav("write"))) throw new BadXml("Only write locks exist");
  const scope = findChildElement(root, dav("lockscope"));
  const isExclusive = scope && findChildElement(scope, dav("exclusive"));
  const isShared = scope && findChildElement(scope, dav("shared"));
  if (!isExclusive === !isShared) throw new BadXml("A lock is exclusive or shared");
  return { scope: isExclusive ? "exclusive" : "shared", owner: findChildElement(root, dav("owner")) };
}
