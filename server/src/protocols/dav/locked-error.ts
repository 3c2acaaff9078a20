import { escapeText } from "../../formats/dav-xml/write-xml.ts";
import type { DavTree } from "./dav-tree.ts";

/** A lock whose token was not submitted stops a write. */
export class LockedError extends Error {
  override readonly name = "LockedError";
  readonly tree: DavTree;
  /** Roots of the locks. */
  readonly lockedNames: readonly (readonly string[])[];

  constructor(tree: DavTree, lockedNames: readonly (readonly string[])[]) {
    super("This is locked");
    this.tree = tree;
    this.lockedNames = lockedNames;
  }
}

/** The precondition of RFC 4918 section 16. */
export function submittedCondition(hrefs: readonly string[]): string {
  const inner = hrefs.map((href) => `<d:href>${escapeText(href)}</d:href>`).join("");
  return `<d:lock-token-submitted>${inner}</d:lock-token-submitted>`;
}
