import {
  type Id,
  type Invocation,
  type JmapResponse,
  type JmapSession,
  jmapCapabilities,
  jmapPaths,
  type MethodError,
  type ResultReference,
  type SetError,
  type UploadResponse,
} from "@bouquet/contract/jmap.ts";
import type { ArgumentsOf, JmapMethodName, ResponseOf } from "@bouquet/contract/jmap-methods.ts";
import { csrfHeaders, OfflineError, request } from "../../api/http.ts";

/** A method was refused (RFC 8620 section 3.6.2). */
export class JmapError extends Error {
  readonly type: MethodError["type"] | SetError["type"];
  readonly detail: MethodError | SetError;

  constructor(detail: MethodError | SetError) {
    super(detail.description ?? detail.type);
    this.name = "JmapError";
    this.type = detail.type;
    this.detail = detail;
  }
}

const using = Object.values(jmapCapabilities);

/** One call of a batch; keep it to refer to its result or to read its answer. */
export interface Call<M extends JmapMethodName> {
  readonly id: string;
  readonly method: M;
  readonly args: Record<string, unknown>;
}

/** A reference to part of an earlier call's answer (RFC 8620 section 3.7), for an argument whose name begins with `#`. */
export function resultOf(call: Call<JmapMethodName>, path: string): ResultReference {
  return { resultOf: call.id, name: call.method, path };
}

type Loose<M extends JmapMethodName> = Partial<ArgumentsOf<M>> & Record<`#${string}`, ResultReference | undefined>;

/** Several calls in one request, run in order. */
export class Batch {
  readonly #calls: Call<JmapMethodName>[] = [];

  add<M extends JmapMethodName>(method: M, args: Loose<M> | ArgumentsOf<M>): Call<M> {
    const call: Call<M> = { id: `c${this.#calls.length}`, method, args: args as Record<string, unknown> };
    this.#calls.push(call as Call<JmapMethodName>);
    return call;
  }

  /** @throws ApiError, OfflineError; what a single method refused is thrown by `Answers.of` */
  async send(signal?: AbortSignal): Promise<Answers> {
    const methodCalls: Invocation[] = this.#calls.map(({ id, method, args }) => [method, args, id]);
    const response = await request<JmapResponse>(jmapPaths.api, {
      method: "POST",
      body: { using, methodCalls },
      signal,
    });
    return new Answers(response.methodResponses);
  }
}

export class Answers {
  readonly #responses: Invocation[];

  constructor(responses: Invocation[]) {
    this.#responses = responses;
  }

  /** The first answer to a call. @throws JmapError */
  of<M extends JmapMethodName>(call: Call<M>): ResponseOf<M> {
    return this.named(call, call.method) as ResponseOf<M>;
  }

  /** An answer that comes under the same call id by another name: the Email/set after EmailSubmission/set. @throws JmapError */
  named<N extends JmapMethodName>(call: Call<JmapMethodName>, name: N): ResponseOf<N> {
    const error = this.#responses.find(([method, , id]) => method === "error" && id === call.id);
    if (error) throw new JmapError(error[1] as unknown as MethodError);
    const found = this.#responses.find(([method, , id]) => method === name && id === call.id);
    if (!found) throw new JmapError({ type: "serverFail" });
    return found[1] as unknown as ResponseOf<N>;
  }
}

/** One call in a request of its own. @throws JmapError, ApiError, OfflineError */
export async function call<M extends JmapMethodName>(
  method: M,
  args: Loose<M> | ArgumentsOf<M>,
  signal?: AbortSignal,
): Promise<ResponseOf<M>> {
  const batch = new Batch();
  const made = batch.add(method, args);
  return (await batch.send(signal)).of(made);
}

interface AnySet {
  notCreated?: Record<Id, SetError> | null;
  notUpdated?: Record<Id, SetError> | null;
  notDestroyed?: Record<Id, SetError> | null;
}

/** Throws the first refusal of a /set answer; what it did for other objects stays done. @throws JmapError */
export function requireAllSet<T extends AnySet>(response: T): T {
  for (const refused of [response.notCreated, response.notUpdated, response.notDestroyed]) {
    const first = Object.values(refused ?? {})[0];
    if (first) throw new JmapError(first);
  }
  return response;
}

export function readJmapSession(): Promise<JmapSession> {
  return request<JmapSession>(jmapPaths.session);
}

/** Expands a level 1 URI template (RFC 6570). */
function expand(template: string, values: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}

export function downloadUrl(
  session: JmapSession,
  accountId: Id,
  part: { blobId: Id | null; type: string; name: string | null },
): string {
  const name = part.name ?? "message";
  return expand(session.downloadUrl, { accountId, blobId: part.blobId ?? "", type: part.type, name });
}

export interface UploadProgress {
  /** Between 0 and 1. */
  readonly fraction: number;
}

/**
 * Sends a file as a blob of the account, telling how far it got.
 * @throws OfflineError, JmapError `tooLarge`, `overQuota`
 */
export function uploadBlob(
  session: JmapSession,
  accountId: Id,
  file: Blob,
  options: { onProgress?: (progress: UploadProgress) => void; signal?: AbortSignal } = {},
): Promise<UploadResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<UploadResponse>();
  const xhr = new XMLHttpRequest();
  xhr.open("POST", expand(session.uploadUrl, { accountId }));
  xhr.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  for (const [name, value] of Object.entries(csrfHeaders())) xhr.setRequestHeader(name, value);
  xhr.responseType = "json";
  xhr.upload.onprogress = (event) => {
    if (event.lengthComputable) options.onProgress?.({ fraction: event.loaded / event.total });
  };
  xhr.onload = () => {
    if (xhr.status === 201 || xhr.status === 200) return resolve(xhr.response as UploadResponse);
    const type = xhr.status === 413 ? "tooLarge" : xhr.status === 507 ? "overQuota" : "serverFail";
    reject(new JmapError({ type }));
  };
  xhr.onerror = () => reject(new OfflineError(new Error("upload")));
  xhr.onabort = () => reject(new DOMException("aborted", "AbortError"));
  options.signal?.addEventListener("abort", () => xhr.abort());
  xhr.send(file);
  return promise;
}
