import type { CoreCapability, MethodError, MethodErrorType, RequestError, SetError } from "@bouquet/contract/jmap.ts";

/** Refuses a whole request (RFC 8620 section 3.6.1). */
export class RequestProblem extends Error {
  override readonly name = "RequestProblem";
  readonly body: RequestError;

  constructor(
    type: "unknownCapability" | "notJSON" | "notRequest" | "limit",
    detail: string,
    limit?: keyof CoreCapability,
  ) {
    super(detail);
    this.body = {
      type: `urn:ietf:params:jmap:error:${type}`,
      status: 400,
      detail,
      ...(limit && { limit }),
    };
  }
}

/** Refuses one method call (RFC 8620 section 3.6.2). */
export class MethodFailure extends Error {
  override readonly name = "MethodFailure";
  readonly body: MethodError;

  constructor(type: MethodErrorType, description?: string, extra: Omit<MethodError, "type" | "description"> = {}) {
    super(description ?? type);
    this.body = { type, ...(description !== undefined && { description }), ...extra };
  }
}

/** Refuses one object of a /set, /copy or /import call (RFC 8620 section 5.3). */
export class SetFailure extends Error {
  override readonly name = "SetFailure";
  readonly body: SetError;

  constructor(body: SetError) {
    super(body.description ?? body.type);
    this.body = body;
  }
}
