import { type DomainError, type ErrorCode, toDomainError } from "../../domain/errors.ts";
import { BadXml } from "../../formats/dav-xml/bad-xml.ts";
import { escapeText, startDocument } from "../../formats/dav-xml/write-xml.ts";
import { hrefOfNames } from "./dav-call.ts";
import { DavError } from "./dav-error.ts";
import type { AnswerHeaders } from "./dav-tree.ts";
import { LockedError, submittedCondition } from "./locked-error.ts";

/** The status of each of the domain's codes. */
const statuses: Record<ErrorCode, number> = {
  invalid: 400,
  unauthenticated: 401,
  wrong_credentials: 401,
  throttled: 429,
  forbidden: 403,
  not_found: 404,
  already_exists: 412,
  conflict: 409,
  state_mismatch: 412,
  cannot_calculate_changes: 403,
  locked: 423,
  paused: 503,
  over_quota: 507,
  too_large: 413,
  weak_password: 400,
  expired: 404,
  unknown_recipient: 400,
  sender_not_allowed: 403,
  message_refused: 403,
  sending_limited: 429,
  storage_full: 507,
  unavailable: 503,
};

/** What sabre calls them: clients look for some of these names in the body. */
const exceptions: Readonly<Record<number, string>> = {
  400: "Sabre\\DAV\\Exception\\BadRequest",
  401: "Sabre\\DAV\\Exception\\NotAuthenticated",
  403: "Sabre\\DAV\\Exception\\Forbidden",
  404: "Sabre\\DAV\\Exception\\NotFound",
  405: "Sabre\\DAV\\Exception\\MethodNotAllowed",
  409: "Sabre\\DAV\\Exception\\Conflict",
  412: "Sabre\\DAV\\Exception\\PreconditionFailed",
  413: "OCA\\DAV\\Connector\\Sabre\\Exception\\EntityTooLarge",
  415: "Sabre\\DAV\\Exception\\UnsupportedMediaType",
  416: "Sabre\\DAV\\Exception\\RequestedRangeNotSatisfiable",
  423: "Sabre\\DAV\\Exception\\Locked",
  429: "OCA\\DAV\\Connector\\Sabre\\Exception\\TooManyRequests",
  501: "Sabre\\DAV\\Exception\\NotImplemented",
  503: "Sabre\\DAV\\Exception\\ServiceUnavailable",
  507: "Sabre\\DAV\\Exception\\InsufficientStorage",
};

/**
 * For a 503 that concerns some writes only. By sabre's name for the others the desktop client takes the whole server to be down, and ends
 * its run: what it would read too.
 */
const writesPutOff = "OCP\\Files\\StorageNotAvailableException";

export interface DavAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: AnswerHeaders;
}

/** Programs are asked for an app password whenever they have none that works. */
export const challenge = 'Basic realm="Bouquet", charset="UTF-8"';

/**
 * What a client is told of something thrown.
 * @returns undefined for a bug: log it and answer `internalError`
 */
export function toDavAnswer(thrown: unknown): DavAnswer | undefined {
  if (thrown instanceof DavError) return describe(thrown.status, thrown.message, thrown.options);
  if (thrown instanceof LockedError) {
    const hrefs = thrown.lockedNames.map((names) => hrefOfNames(thrown.tree, names));
    return describe(423, thrown.message, { condition: submittedCondition(hrefs) });
  }
  if (thrown instanceof BadXml) return describe(400, thrown.message);
  const error = toDomainError(thrown);
  return error && fromDomain(error);
}

export const internalError: DavAnswer = describe(500, "Something went wrong on the server");

/** The status alone, for a member of a multistatus. */
export function statusOf(error: DomainError): number {
  return statuses[error.code];
}

function fromDomain(error: DomainError): DavAnswer {
  const status = statusOf(error);
  const wait = error.retryAfterSeconds ?? (status === 503 ? 5 : undefined);
  const condition = status === 507 ? "<d:quota-not-exceeded/>" : undefined;
  const isPutOff = error.code === "paused" || error.data?.reason === "not_scanned";
  return describe(status, error.message, {
    ...(isPutOff && { exception: writesPutOff }),
    ...(condition !== undefined && { condition }),
    headers: {
      ...(wait !== undefined && { "retry-after": wait }),
      ...(status === 401 && { "www-authenticate": challenge }),
    },
  });
}

function describe(status: number, message: string, options: DavError["options"] = {}): DavAnswer {
  const lines = [
    `  <s:exception>${options.exception ?? exceptions[status] ?? "Sabre\\DAV\\Exception"}</s:exception>`,
    `  <s:message>${escapeText(message)}</s:message>`,
    ...(options.header === undefined ? [] : [`  <s:header>${escapeText(options.header)}</s:header>`]),
    ...(options.condition === undefined ? [] : [`  ${options.condition}`]),
  ];
  return {
    status,
    body: `${startDocument("d:error")}\n${lines.join("\n")}\n</d:error>\n`,
    headers: options.headers ?? {},
  };
}
