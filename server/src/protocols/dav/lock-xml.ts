import { escapeText } from "../../formats/dav-xml/write-xml.ts";
import { hrefOfNames } from "./dav-call.ts";
import type { DavLock, DavTree } from "./dav-tree.ts";

/** An activelock (RFC 4918 section 14.1). */
export function writeActiveLock(tree: Pick<DavTree, "root">, lock: DavLock): string {
  const seconds = lock.expiresAt && Math.max(0, Math.ceil((lock.expiresAt.getTime() - Date.now()) / 1_000));
  return [
    "<d:activelock><d:locktype><d:write/></d:locktype>",
    `<d:lockscope><d:${lock.scope}/></d:lockscope>`,
    `<d:depth>${lock.isDeep ? "infinity" : "0"}</d:depth>`,
    lock.ownerXml ?? "",
    `<d:timeout>${seconds === null ? "Infinite" : `Second-${seconds}`}</d:timeout>`,
    `<d:locktoken><d:href>${escapeText(lock.token)}</d:href></d:locktoken>`,
    `<d:lockroot><d:href>${escapeText(hrefOfNames(tree, lock.rootNames))}</d:href></d:lockroot>`,
    "</d:activelock>",
  ].join("");
}

/** As Nextcloud's clients know it: they put the scheme before it themselves, to make the URI of an If header. */
export function bareToken({ token }: Pick<DavLock, "token">): string {
  return token.replace(/^opaquelocktoken:/, "");
}

export const supportedLock =
  "<d:lockentry><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>" +
  "<d:lockentry><d:lockscope><d:shared/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>";
