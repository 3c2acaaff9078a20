import { DavError } from "./dav-error.ts";
import type { DavMethodName } from "./dav-tree.ts";

/** @throws DavError 405 when the tree does not allow the method there */
export function requireMethod(allowed: readonly DavMethodName[], method: DavMethodName): void {
  if (!allowed.includes(method)) throw notPossible(allowed, `${method} is not possible here`);
}

export function notPossible(allowed: readonly DavMethodName[], message: string): DavError {
  return new DavError(405, message, { headers: { allow: allowed.join(", ") } });
}
