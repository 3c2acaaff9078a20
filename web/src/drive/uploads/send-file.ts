import type { DriveNode, OnConflict } from "@bouquet/contract/drive.ts";
import type { Session } from "@bouquet/contract/session.ts";
import { ApiError, csrfHeaders, errorOf, OfflineError, request, setCsrfToken } from "../../api/http.ts";

export interface Sending {
  readonly folderId: string;
  readonly file: File;
  readonly onConflict: OnConflict;
  readonly signal: AbortSignal;
  readonly onProgress: (loaded: number) => void;
}

/**
 * Sends one file; `fetch` does not tell how much has left, so by XMLHttpRequest.
 * @throws ApiError; OfflineError when it was cut; DOMException `AbortError`
 */
export async function sendFile(sending: Sending): Promise<DriveNode> {
  try {
    return await put(sending);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "csrf")) throw error;
    setCsrfToken((await request<Session>("/api/session")).csrf);
    return put(sending);
  }
}

function put({ folderId, file, onConflict, signal, onProgress }: Sending): Promise<DriveNode> {
  const query = new URLSearchParams({ onConflict });
  if (file.lastModified > 0) query.set("modifiedAt", new Date(file.lastModified).toISOString());
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new DOMException("", "AbortError"));
    const xhr = new XMLHttpRequest();
    xhr.open("PUT", `/api/drive/folders/${folderId}/files/${encodeURIComponent(file.name.normalize("NFC"))}?${query}`);
    for (const [name, value] of Object.entries(csrfHeaders())) xhr.setRequestHeader(name, value);
    xhr.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    xhr.setRequestHeader("Accept", "application/json");
    const abort = () => xhr.abort();
    signal.addEventListener("abort", abort, { once: true });
    xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.onabort = () => reject(new DOMException("", "AbortError"));
    xhr.onerror = () => reject(new OfflineError(null));
    xhr.onloadend = () => signal.removeEventListener("abort", abort);
    xhr.onload = () => {
      if (xhr.status === 201) resolve(JSON.parse(xhr.responseText) as DriveNode);
      else errorOf(new Response(xhr.responseText, { status: xhr.status })).then(reject, reject);
    };
    xhr.send(file);
  });
}
