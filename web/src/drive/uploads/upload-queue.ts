import type { DriveNode, NewFolder, OnConflict } from "@bouquet/contract/drive.ts";
import type { Weight } from "@bouquet/contract/drive-recovery.ts";
import { ApiError, request } from "../../api/http.ts";
import type { Dropped } from "./read-dropped.ts";
import { sendFile } from "./send-file.ts";

export type UploadState = "waiting" | "sending" | "conflict" | "failed" | "sent" | "skipped" | "canceled";

export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly folders: readonly string[];
  readonly state: UploadState;
  /** Bytes that have left. */
  readonly loaded: number;
  /** Bytes each second, over the last moments. */
  readonly speed: number;
  readonly error: unknown;
}

/** What the person chose about a taken name. */
export type ConflictAnswer = Exclude<OnConflict, "fail"> | "skip";

interface Batch {
  readonly folderId: string;
  /** By the path inside the batch. A failed creation is forgotten, so that « Réessayer » tries it again. */
  readonly made: Map<string, Promise<string>>;
}

interface Work {
  readonly batch: Batch;
  controller: AbortController;
  onConflict: OnConflict;
  /** Once the person has said « for all », of the files that were in the list then. */
  answer: ConflictAnswer | null;
  startedAt: number;
}

const atOnce = 2;
/** As many as the server takes in one request. */
const mostWeighed = 5_000;
export const isOver = (state: UploadState): boolean => state === "sent" || state === "skipped" || state === "canceled";

/**
 * Files on their way, two at a time, outlasting the pages that started them. A refused file stays in the list with its
 * reason until it is retried or dismissed.
 */
export class UploadQueue {
  private items: readonly Upload[] = [];
  private readonly works = new Map<number, Work>();
  private readonly listeners = new Set<() => void>();
  private nextId = 1;
  private readonly onArrived: () => void;

  constructor(onArrived: () => void) {
    this.onArrived = onArrived;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly read = (): readonly Upload[] => this.items;

  add(folderId: string, dropped: Dropped): void {
    if (this.items.every((item) => isOver(item.state))) {
      this.items = [];
      this.works.clear();
    }
    const batch: Batch = { folderId, made: new Map() };
    const added = dropped.files.map(({ file, folders }): Upload => {
      const id = this.nextId++;
      this.works.set(id, { batch, controller: new AbortController(), onConflict: "fail", answer: null, startedAt: 0 });
      return { id, file, folders, state: "waiting", loaded: 0, speed: 0, error: null };
    });
    this.items = [...this.items, ...added];
    this.notify();
    for (const folders of dropped.emptyFolders) this.folderOf(batch, folders).then(this.onArrived, () => undefined);
    this.pump();
  }

  retry(id: number): void {
    const work = this.works.get(id);
    if (!work) return;
    work.controller = new AbortController();
    this.change(id, { state: "waiting", loaded: 0, speed: 0, error: null });
    this.pump();
  }

  cancel(id: number): void {
    const item = this.items.find((each) => each.id === id);
    if (!item || isOver(item.state)) return;
    this.works.get(id)?.controller.abort();
    this.change(id, { state: "canceled", speed: 0 });
    this.pump();
  }

  cancelAll(): void {
    for (const item of this.items) this.cancel(item.id);
  }

  /** Ends the wait of one file, or of all that wait and will. */
  answer(id: number, answer: ConflictAnswer, forAll: boolean): void {
    for (const item of this.items) {
      const work = this.works.get(item.id);
      if (forAll && work) work.answer = answer;
      if (item.state === "conflict" && (forAll || item.id === id)) this.apply(item.id, answer);
    }
    this.pump();
  }

  /**
   * What replacing all that is still to come would weigh; the largest, when it goes to several folders.
   * @returns undefined when that cannot be known
   */
  async weigh(): Promise<Weight | undefined> {
    const byFolder = new Map<string, string[]>();
    for (const { id, file, folders, state } of this.items) {
      const folderId = this.works.get(id)?.batch.folderId;
      if (isOver(state) || folderId === undefined) continue;
      const paths = byFolder.get(folderId) ?? [];
      byFolder.set(folderId, paths);
      if (paths.length < mostWeighed) paths.push([...folders, file.name].join("/"));
    }
    const weights = await Promise.all(
      [...byFolder].map(([folderId, paths]) =>
        request<Weight>(`/api/drive/folders/${folderId}/weigh`, { method: "POST", body: { paths } }).catch(
          () => undefined,
        ),
      ),
    );
    return weights.toSorted((a, b) => (b?.files ?? 0) - (a?.files ?? 0))[0];
  }

  clear(): void {
    this.cancelAll();
    this.items = [];
    this.works.clear();
    this.notify();
  }

  private apply(id: number, answer: ConflictAnswer): void {
    const work = this.works.get(id);
    if (!work) return;
    if (answer !== "skip") work.onConflict = answer;
    this.change(id, { state: answer === "skip" ? "skipped" : "waiting", loaded: 0, error: null });
  }

  private pump(): void {
    let free = atOnce - this.items.filter((item) => item.state === "sending").length;
    for (const item of this.items) {
      if (free <= 0) return;
      if (item.state !== "waiting") continue;
      free -= 1;
      void this.run(item);
    }
  }

  private async run(item: Upload): Promise<void> {
    const { id, file, folders } = item;
    const work = this.works.get(id);
    if (!work) return;
    const { signal } = work.controller;
    work.startedAt = performance.now();
    this.change(id, { state: "sending" });
    try {
      const folderId = await this.folderOf(work.batch, folders);
      await sendFile({
        folderId,
        file,
        onConflict: work.onConflict,
        signal,
        onProgress: (loaded) => this.progress(id, work, loaded),
      });
      this.change(id, { state: "sent", loaded: file.size, speed: 0 });
      this.onArrived();
    } catch (error) {
      if (!signal.aborted) this.refuse(id, error);
    }
    this.pump();
  }

  private refuse(id: number, error: unknown): void {
    if (error instanceof ApiError && error.body.reason === "name_taken") {
      const known = this.works.get(id)?.answer;
      if (known) this.apply(id, known);
      else this.change(id, { state: "conflict", speed: 0, error });
    } else {
      this.change(id, { state: "failed", speed: 0, error });
    }
  }

  private progress(id: number, work: Work, loaded: number): void {
    const seconds = Math.max(0.2, (performance.now() - work.startedAt) / 1000);
    this.change(id, { loaded, speed: loaded / seconds });
  }

  /** The folder to put a file in; makes those of the path that are not there. */
  private folderOf(batch: Batch, folders: readonly string[]): Promise<string> {
    if (folders.length === 0) return Promise.resolve(batch.folderId);
    const key = folders.join("/");
    const known = batch.made.get(key);
    if (known) return known;
    const made = this.folderOf(batch, folders.slice(0, -1)).then(async (parentId) => {
      const body: NewFolder = { name: folders.at(-1) ?? "", onConflict: "replace" };
      return (await request<DriveNode>(`/api/drive/folders/${parentId}/folders`, { method: "POST", body })).id;
    });
    batch.made.set(key, made);
    made.catch(() => batch.made.delete(key));
    return made;
  }

  private change(id: number, change: Partial<Upload>): void {
    const known = this.items.find((item) => item.id === id);
    // A late progress event says nothing of a file that is over.
    if (!known || (isOver(known.state) && change.state !== "waiting")) return;
    this.items = this.items.map((item) => (item.id === id ? { ...item, ...change } : item));
    this.notify();
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
