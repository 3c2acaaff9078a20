import type { IncomingMessage, ServerResponse } from "node:http";

/** A call outside of OCS: `path` is beneath `/index.php`, with `{name}` for a segment that varies. */
export interface PageRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    path: Readonly<Record<string, string>>,
  ) => Promise<void> | void;
}
