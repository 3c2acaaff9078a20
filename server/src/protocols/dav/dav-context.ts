import type { IncomingHttpHeaders } from "node:http";
import type { Viewer } from "../../domain/identity/viewer.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { DavTree } from "./dav-tree.ts";

/** Who sent a request: a person by an app password. */
export interface DavSession {
  readonly viewer: Viewer;
  /** What the request gave as its name: the uid, or an address of the person. */
  readonly login: string;
  /** The app password. */
  readonly device: { readonly organizationId: string; readonly id: string; readonly name: string };
}

/** One request, as the trees that it opens see it. */
export interface DavContext<S = DavSession> {
  readonly session: S;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The lock tokens that its If header submits (RFC 4918 section 10.4.1). */
  readonly lockTokens: ReadonlySet<string>;
  readonly log: Logger;
}

/** Trees beneath a path. The longest path that matches decides. */
export interface DavMount<S = DavSession> {
  /** Decoded names; `*` stands for any one name, which the tree is told. */
  readonly path: readonly string[];
  /**
   * @param root the URL path that was matched, as this request writes it: percent-encoded, without a slash at its end
   * @param names what follows, decoded: of the first path of the request in this tree
   * @returns undefined: there is nothing for this session (404)
   */
  open(
    context: DavContext<S>,
    parameters: readonly string[],
    root: string,
    names: readonly string[],
  ): Promise<DavTree | undefined>;
}
