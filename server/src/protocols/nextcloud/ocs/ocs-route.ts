import type { IncomingMessage } from "node:http";
import type { Parameters } from "../parameters.ts";
import type { SignedInDevice } from "../signed-in-device.ts";

export type OcsMethod = "GET" | "POST" | "PUT" | "DELETE";

/** What a handler is given beside what it asks of its parameters. */
export interface OcsContext {
  /** `/ocs/v1.php` or `/ocs/v2.php`. */
  readonly version: 1 | 2;
  /** The segments that the path names: `{uid}` gives `uid`, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** Of the query and of the body, which wins. */
  readonly parameters: Parameters;
  /** `https://drive.example`, as the client calls us. */
  readonly origin: string;
  readonly raw: IncomingMessage;
}

export type OcsRequest = OcsContext & SignedInDevice;

export interface OcsAnswer {
  /** Lists and objects; left out, an empty list, as PHP writes it. */
  readonly data?: unknown;
  /** HTTP status, 200 when nothing is said. 204 and 304 have no body. */
  readonly status?: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client may ask again with If-None-Match. */
  readonly hasEtag?: boolean;
}

type Answering<Request> = (request: Request) => Promise<OcsAnswer> | OcsAnswer;

/** One call: `path` is beneath `/ocs/v1.php` and `/ocs/v2.php`, with `{name}` for a segment that varies. */
export type OcsRoute = { readonly method: OcsMethod; readonly path: string } & (
  | { readonly access?: "device"; readonly handle: Answering<OcsRequest> }
  /** The credentials, where there are any, are looked at all the same: wrong ones get 401. */
  | { readonly access: "anybody"; readonly handle: Answering<OcsContext & Partial<SignedInDevice>> }
);

/** An answer that is no, in the words of the API. */
export class OcsError extends Error {
  override readonly name = "OcsError";
  readonly status: number;

  /** @param status also the code of the envelope */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
