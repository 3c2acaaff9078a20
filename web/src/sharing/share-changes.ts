import type { SharedNode, SharedUpload } from "@bouquet/contract/sharing.ts";
import { ApiError, errorOf, OfflineError, request } from "../api/http.ts";
import { shareApi } from "./share-queries.ts";

export interface Sending {
  readonly token: string;
  /** `top` for what is shared itself. */
  readonly folderId: string;
  readonly file: File;
  readonly visitor: string;
  readonly onConflict?: "replace" | "rename";
  readonly onProgress: (loaded: number) => void;
}

/**
 * Sends one file; `fetch` does not tell how much has left, so by XMLHttpRequest.
 * @throws ApiError; OfflineError when it was cut
 */
export function sendSharedFile({
  token,
  folderId,
  file,
  visitor,
  onConflict,
  onProgress,
}: Sending): Promise<SharedUpload> {
  const query = new URLSearchParams();
  if (visitor !== "") query.set("visitor", visitor);
  if (onConflict) query.set("onConflict", onConflict);
  if (file.lastModified > 0) query.set("modifiedAt", new Date(file.lastModified).toISOString());
  const name = encodeURIComponent(file.name.normalize("NFC"));
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("PUT", `${shareApi(token)}/folders/${encodeURIComponent(folderId)}/files/${name}?${query}`);
    xhr.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.onerror = () => reject(new OfflineError(null));
    xhr.onload = () => {
      if (xhr.status === 201) resolve(JSON.parse(xhr.responseText) as SharedUpload);
      else errorOf(new Response(xhr.responseText, { status: xhr.status })).then(reject, reject);
    };
    xhr.send(file);
  });
}

export function createSharedFolder(
  token: string,
  parentId: string,
  name: string,
  visitor: string,
): Promise<SharedNode> {
  const body = { name, ...(visitor !== "" && { visitor }) };
  return request<SharedNode>(`${shareApi(token)}/folders/${parentId}/folders`, {
    method: "POST",
    body,
    mayBeSignedOut: true,
  });
}

export function renameShared(token: string, id: string, name: string, visitor: string): Promise<SharedNode> {
  const body = { name, ...(visitor !== "" && { visitor }) };
  return request<SharedNode>(`${shareApi(token)}/nodes/${id}`, { method: "PATCH", body, mayBeSignedOut: true });
}

export function deleteShared(token: string, id: string, visitor: string): Promise<void> {
  const query = visitor === "" ? "" : `?${new URLSearchParams({ visitor })}`;
  return request<void>(`${shareApi(token)}/nodes/${id}${query}`, { method: "DELETE", mayBeSignedOut: true });
}

/** The link has ended, or asks for its password again. */
export function isLinkClosed(error: unknown): boolean {
  return error instanceof ApiError && (error.code === "gone" || error.code === "unauthenticated");
}
