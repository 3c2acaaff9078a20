import type { TrashListing } from "@bouquet/contract/drive.ts";
import type { DevicePauses, PausedDevice, Rollback } from "@bouquet/contract/drive-recovery.ts";
import { queryOptions } from "@tanstack/react-query";
import { request } from "../../api/http.ts";

export const pausesQuery = queryOptions({
  queryKey: ["files", "pauses"],
  queryFn: ({ signal }) => request<DevicePauses>("/api/drive/pauses", { signal }),
});

/** What left the trash and can be restored all the same. */
export function leftTrashQuery(accountId: string) {
  return queryOptions({
    queryKey: ["files", "left-trash", accountId],
    queryFn: ({ signal }) =>
      request<TrashListing>(`/api/drive/trash?${new URLSearchParams({ accountId, state: "deleted" })}`, { signal }),
  });
}

/** Where a roll-back is shown and ordered: of a folder at a moment, or of a space before a device. */
export interface RollbackSource {
  preview(): Promise<Rollback>;
  order(state: number): Promise<Rollback>;
}

const post = <T>(path: string, body: unknown) => request<T>(`/api/drive/${path}`, { method: "POST", body });

export function folderRollback(folderId: string, at: Date): RollbackSource {
  const path = `folders/${folderId}/rollback`;
  const moment = { at: at.toISOString() };
  return {
    preview: () => post<Rollback>(`${path}/preview`, moment),
    order: (state) => post<Rollback>(path, { ...moment, state }),
  };
}

export function pauseRollback({ accountId, deviceId }: PausedDevice): RollbackSource {
  const device = { accountId, deviceId };
  return {
    preview: () => post<Rollback>("pauses/rollback/preview", device),
    order: (state) => post<Rollback>("pauses/rollback", { ...device, state }),
  };
}

export const allowDevice = ({ accountId, deviceId }: PausedDevice) =>
  post<undefined>("pauses/allow", { accountId, deviceId });
