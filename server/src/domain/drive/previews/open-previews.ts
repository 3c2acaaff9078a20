import { setTimeout } from "node:timers/promises";
import type { ByteSource } from "../../../store/blobs/byte-source.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import { DomainError, toDomainError } from "../../errors.ts";
import type { DriveDeps } from "../model.ts";
import { createFairQueue, QueueFull } from "./fair-queue.ts";
import { isDrawable, type PreviewKind, previewKindOf } from "./preview-kind.ts";
import type { PreviewRenderer, PreviewVariant } from "./preview-renderer.ts";
import {
  claimDrawing,
  findPreview,
  forgetAttempt,
  keepPreviews,
  noteFailure,
  type Preview,
} from "./stored-previews.ts";

/** A version that the person who asks may read: what `openFile` and `openTrashedFile` gave. */
export interface PreviewedVersion {
  readonly organizationId: string;
  readonly accountId: string;
  readonly versionId: string;
  readonly contentType: string;
  readonly source: ByteSource;
}

export interface Previews {
  /** What one may hope for, before it is tried. */
  mayHave(contentType: string): boolean;
  /**
   * A picture of a version: the one that is kept, else drawn now. Those who ask meanwhile wait for the same one.
   * @param signal of whoever waits; when nobody does any more, what has not begun is given up
   * @throws DomainError `not_found` when it has none, `unavailable` when too many wait
   */
  open(version: PreviewedVersion, variant: PreviewVariant, signal: AbortSignal): Promise<Preview>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

export interface PreviewsOptions {
  readonly renderer: PreviewRenderer;
  /** Drawings at once. */
  readonly places: number;
  readonly log: Logger;
}

/** Of one account. */
const mostWaiting = 300;
const slowKinds: ReadonlySet<PreviewKind> = new Set(["office", "video", "audio"]);
/** Another process draws it: look again. */
const pollMs = 300;

interface Drawing {
  readonly done: Promise<void>;
  readonly abort: AbortController;
  waiting: number;
}

export function openPreviews(deps: DriveDeps, { renderer, places, log }: PreviewsOptions): Previews {
  const queue = createFairQueue({ places, mostWaiting });
  const drawings = new Map<string, Drawing>();
  const closing = new AbortController();

  async function draw(version: PreviewedVersion, kind: PreviewKind, signal: AbortSignal): Promise<void> {
    for (;;) {
      const state = await claimDrawing(deps, version);
      if (state === "made" || state === "failed") return;
      if (state === "mine") break;
      await setTimeout(pollMs, undefined, { signal: AbortSignal.any([signal, closing.signal]) });
    }
    try {
      const { contentType, source } = version;
      const result = await renderer.render({ kind, contentType, source, signal: closing.signal });
      if ("previews" in result) return await keepPreviews(deps, version, result.previews);
      await noteFailure(deps, version, result.failure);
      const { versionId } = version;
      log.debug({ versionId, kind, reason: result.failure, detail: result.detail }, "a file could not be drawn");
    } catch (error) {
      await forgetAttempt(deps, version).catch(() => undefined);
      throw error;
    }
  }

  function drawingOf(version: PreviewedVersion, kind: PreviewKind): Drawing {
    const found = drawings.get(version.versionId);
    if (found && !found.abort.signal.aborted) return found;
    const abort = new AbortController();
    const { signal } = abort;
    const isSlow = slowKinds.has(kind);
    const done = queue.run(version.accountId, { isSlow, signal, run: () => draw(version, kind, signal) });
    const drawing = { done, abort, waiting: 0 };
    drawings.set(version.versionId, drawing);
    const forget = () => {
      if (drawings.get(version.versionId) === drawing) drawings.delete(version.versionId);
    };
    done.then(forget, forget);
    return drawing;
  }

  async function waitFor(drawing: Drawing, signal: AbortSignal): Promise<void> {
    const gone = Promise.withResolvers<never>();
    const leave = () => gone.reject(new DomainError("unavailable", "Nobody waits for this picture any more"));
    signal.addEventListener("abort", leave, { once: true });
    drawing.waiting++;
    try {
      await Promise.race([drawing.done, gone.promise]);
    } catch (error) {
      if (error instanceof QueueFull || closing.signal.aborted) {
        throw new DomainError("unavailable", "Too many pictures are being drawn", {
          retryAfterSeconds: 10,
          cause: error,
        });
      }
      if (toDomainError(error) === undefined) log.warn({ error }, "a file could not be drawn, by no fault of its own");
      throw toDomainError(error) ?? noPreview();
    } finally {
      signal.removeEventListener("abort", leave);
      if (--drawing.waiting === 0) drawing.abort.abort();
    }
  }

  return {
    mayHave: (contentType) => {
      const kind = previewKindOf(contentType);
      return kind !== undefined && renderer.draws(kind);
    },
    async open(version, variant, signal) {
      const kept = await findPreview(deps, version, variant);
      if (kept) return kept;
      const kind = previewKindOf(version.contentType);
      if (kind === undefined || !renderer.draws(kind) || !isDrawable(kind, version.source.size)) throw noPreview();
      if (closing.signal.aborted || signal.aborted) throw new DomainError("unavailable", "The program stops");
      await waitFor(drawingOf(version, kind), signal);
      const drawn = await findPreview(deps, version, variant);
      if (!drawn) throw noPreview();
      return drawn;
    },
    async close() {
      closing.abort(new Error("The program stops"));
      for (const { abort } of drawings.values()) abort.abort(closing.signal.reason);
      await Promise.allSettled([...drawings.values()].map(({ done }) => done));
    },
  };
}

function noPreview(): DomainError {
  return new DomainError("not_found", "This file has no picture", { data: { reason: "no_preview" } });
}
