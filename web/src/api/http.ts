import type { ErrorBody, ErrorCode } from "@bouquet/contract/errors.ts";
import type { csrfHeader } from "@bouquet/contract/session.ts";
import { setReachable } from "../ui/online.ts";

const tokenHeader: typeof csrfHeader = "X-Bouquet-CSRF";
let token: string | null = null;

/** Kept by whoever reads the session; sent with every request that changes something. */
export function setCsrfToken(value: string | null): void {
  token = value;
}

/** Token to put in the header of requests that do not go through `request` (uploads with progress). */
export function csrfHeaders(): Record<string, string> {
  return token === null ? {} : { [tokenHeader]: token };
}

/** The server refused, with one of the documented codes. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = "ApiError";
    this.status = status;
    this.code = body.code;
    this.body = body;
  }
}

/** No answer came: no network, no server, or the request was cut. Nothing is known about its effect. */
export class OfflineError extends Error {
  constructor(cause: unknown) {
    super("offline", { cause });
    this.name = "OfflineError";
  }
}

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Lets a 401 `unauthenticated` be thrown instead of leading to the sign-in page. */
  readonly mayBeSignedOut?: boolean;
}

/**
 * Leads to sign-in, to come back to the page that is open. The service's own server starts the OpenID flow there. False
 * when that has just been done three times in vain (cookies refused): going on would turn in circles.
 */
export function goToSignIn(): boolean {
  const here = window.location.pathname + window.location.search;
  if (here.startsWith("/sign-in")) return true;
  if (!mayLeave()) return false;
  window.location.assign(here === "/" ? "/sign-in" : `/sign-in?return=${encodeURIComponent(here)}`);
  return true;
}

function mayLeave(): boolean {
  try {
    const now = Date.now();
    const kept = JSON.parse(sessionStorage.getItem("bouquet.departures") ?? "[]") as number[];
    const recent = kept.filter((time) => now - time < 30_000);
    if (recent.length >= 3) return false;
    sessionStorage.setItem("bouquet.departures", JSON.stringify([...recent, now]));
  } catch {
    // Without storage there is no memory of the departures.
  }
  return true;
}

const codeOfStatus: Record<number, ErrorCode> = {
  400: "bad_request",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  410: "gone",
  413: "too_large",
  429: "throttled",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
  507: "over_quota",
};

/** Reads an error answer, also when a proxy wrote it and it is not ours. */
export async function errorOf(response: Response): Promise<ApiError> {
  const fallback: ErrorBody = { code: codeOfStatus[response.status] ?? "internal", message: response.statusText };
  try {
    const body: unknown = await response.json();
    if (typeof body === "object" && body !== null && "code" in body && typeof body.code === "string") {
      return new ApiError(response.status, { ...fallback, ...body } as ErrorBody);
    }
  } catch {
    // Not JSON.
  }
  return new ApiError(response.status, fallback);
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  const method = options.method ?? "GET";
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") Object.assign(headers, csrfHeaders());
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(path, {
      method,
      headers,
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      ...(options.signal && { signal: options.signal }),
    });
    setReachable(true);
    return response;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    setReachable(false);
    throw new OfflineError(error);
  }
}

/** A new token when the session was renewed in another tab. */
async function renewToken(): Promise<boolean> {
  const response = await send("/api/session", {});
  if (!response.ok) return false;
  const session = (await response.json()) as { csrf: string };
  setCsrfToken(session.csrf);
  return true;
}

/**
 * Calls the JSON API of this host. Throws `ApiError` or `OfflineError`; a 401 `unauthenticated` also leads to the sign-in
 * page. 204 gives undefined.
 */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  let response = await send(path, options);
  if (!response.ok) {
    let error = await errorOf(response);
    if (error.code === "csrf" && (await renewToken())) {
      response = await send(path, options);
      if (response.ok) return read<T>(response);
      error = await errorOf(response);
    }
    if (error.code === "unauthenticated" && !options.mayBeSignedOut) goToSignIn();
    throw error;
  }
  return read<T>(response);
}

async function read<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new OfflineError(error);
  }
}
