import type { BatchResult, DriveNode, FolderListing, Transfer } from "@bouquet/contract/drive.ts";
import type { Weight } from "@bouquet/contract/drive-recovery.ts";
import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { request } from "../api/http.ts";
import { type DriveText, useDriveText } from "../i18n/drive.ts";
import { toast, toastProblem, toastWithUndo } from "../ui/toast.tsx";
import { useDrive } from "./drive-context.ts";
import { useDriveErrorText } from "./drive-error-text.ts";

export interface Place {
  readonly id: string;
  readonly name: string;
}

/** As many as the server takes in one request. */
const mostAtOnce = 500;
const mostWeighed = 5_000;

/** What can be done to nodes at once, told by a toast that undoes it where that is possible. None of them throws. */
export function useNodeActions() {
  const t = useDriveText();
  const errorText = useDriveErrorText();
  const queries = useQueryClient();
  const { open } = useDrive();
  const refresh = () => queries.invalidateQueries({ queryKey: ["files"] });

  const send = async (path: string, body: { ids: readonly string[] } & Partial<Omit<Transfer, "ids">>) => {
    const results: BatchResult["results"] = [];
    for (let at = 0; at < body.ids.length; at += mostAtOnce) {
      const part = { ...body, ids: body.ids.slice(at, at + mostAtOnce) };
      results.push(...(await request<BatchResult>(`/api/drive/${path}`, { method: "POST", body: part })).results);
    }
    const failed = results.filter((result) => result.error);
    return { done: results.filter((result) => !result.error).map((result) => result.id), failed };
  };

  const tell = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      toastProblem(errorText(error));
    }
    await refresh();
  };

  const tellFailures = (all: number, { done, failed }: Awaited<ReturnType<typeof send>>) => {
    const [first] = failed;
    if (!first) return;
    const why = errorText(first.error);
    toastProblem(all === 1 ? why : t.notAll(done.length, all, why));
  };

  const restore = (ids: readonly string[]) =>
    tell(async () => {
      const outcome = await send("trash/restore", { ids });
      if (outcome.done.length > 0) toast(t.restored(outcome.done.length));
      tellFailures(ids.length, outcome);
    });

  /** Out of every list at once, so that nothing asks for what is on its way to the trash; what fails is read again. */
  const hide = (ids: ReadonlySet<string>) => {
    queries.setQueriesData<InfiniteData<FolderListing>>(
      { queryKey: ["files", "folder"] },
      (data) =>
        data && {
          ...data,
          pages: data.pages.map((page) => ({ ...page, nodes: page.nodes.filter((node) => !ids.has(node.id)) })),
        },
    );
  };

  /** Asks before so much is done at once that a device would be paused for it. */
  const unlessMuch = async (act: "trash" | "move", nodes: readonly DriveNode[], run: () => Promise<void>) => {
    const isWorthAsking = nodes.length > 20 || (act === "trash" && nodes.some((node) => (node.childCount ?? 0) > 0));
    if (!isWorthAsking) return run();
    const body = { ids: nodes.slice(0, mostWeighed).map((node) => node.id), act };
    // What cannot be weighed is done: it goes to the trash, or comes back by « Annuler ».
    const weight = await request<Weight>("/api/drive/nodes/weigh", { method: "POST", body }).catch(() => undefined);
    if (weight?.isMuch) open({ kind: "much", act, weight, run: () => void run() });
    else await run();
  };

  const trash = (nodes: readonly DriveNode[]) => unlessMuch("trash", nodes, () => trashNow(nodes));

  const trashNow = (nodes: readonly DriveNode[]) =>
    tell(async () => {
      hide(new Set(nodes.map((node) => node.id)));
      const outcome = await send("nodes/trash", { ids: nodes.map((node) => node.id) });
      const gone = nodes.filter((node) => outcome.done.includes(node.id));
      if (gone[0]) {
        const text = gone.length === 1 ? t.trashedOne(gone[0].name) : t.trashedMany(gone.length);
        toastWithUndo(text, t.undo, () => void restore(outcome.done));
      }
      tellFailures(nodes.length, outcome);
    });

  const removeForGood = (ids: readonly string[]) =>
    tell(async () => {
      const outcome = await send("trash/delete", { ids });
      if (outcome.done.length > 0) toast(t.gone(outcome.done.length));
      tellFailures(ids.length, outcome);
    });

  const emptyTrash = (accountId: string) =>
    tell(async () => {
      await request("/api/drive/trash/empty", { method: "POST", body: { accountId } });
      toast(t.emptied);
    });

  /** Where a name is taken the person may keep both; nothing is replaced without having been asked. */
  const transfer = (mode: "move" | "copy", nodes: readonly DriveNode[], place: Place): Promise<void> =>
    mode === "move"
      ? unlessMuch("move", nodes, () => transferNow(mode, nodes, place))
      : transferNow(mode, nodes, place);

  const transferNow = (
    mode: "move" | "copy",
    nodes: readonly DriveNode[],
    place: Place,
    onConflict?: "rename",
  ): Promise<void> =>
    tell(async () => {
      const ids = nodes.map((node) => node.id);
      const outcome = await send(`nodes/${mode}`, { ids, folderId: place.id, ...(onConflict && { onConflict }) });
      const done = nodes.filter((node) => outcome.done.includes(node.id));
      if (done[0]) {
        const text = transferText(t, mode, done, place);
        if (mode === "move") toastWithUndo(text, t.undo, () => void putBack(done));
        else toast(text);
      }
      const taken = outcome.failed.filter((result) => result.error?.reason === "name_taken").map(({ id }) => id);
      if (taken.length > 0 && taken.length === outcome.failed.length) {
        const again = nodes.filter((node) => taken.includes(node.id));
        const why =
          nodes.length === 1 ? t.reasons.name_taken : t.notAll(done.length, nodes.length, t.reasons.name_taken);
        toastProblem(why, { label: t.keepBoth, run: () => void transferNow(mode, again, place, "rename") });
      } else {
        tellFailures(nodes.length, outcome);
      }
    });

  const putBack = (nodes: readonly DriveNode[]) =>
    tell(async () => {
      for (const folderId of new Set(nodes.map((node) => node.parentId))) {
        if (folderId === null) continue;
        const ids = nodes.filter((node) => node.parentId === folderId).map((node) => node.id);
        tellFailures(ids.length, await send("nodes/move", { ids, folderId, onConflict: "rename" }));
      }
    });

  return { restore, trash, removeForGood, emptyTrash, transfer, refresh };
}

function transferText(t: DriveText, mode: "move" | "copy", done: readonly DriveNode[], place: Place): string {
  const [first, ...others] = done;
  if (first && others.length === 0) {
    return mode === "move" ? t.movedOne(first.name, place.name) : t.copiedOne(first.name, place.name);
  }
  return mode === "move" ? t.movedMany(done.length, place.name) : t.copiedMany(done.length, place.name);
}
