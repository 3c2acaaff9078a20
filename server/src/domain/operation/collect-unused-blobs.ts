import type { Blobs } from "../../store/blobs/blobs.ts";
import { type Collected, collectBlobs } from "../../store/blobs/collect-blobs.ts";
import type { Store } from "../../store/database.ts";

const day = 86_400_000;

/** Removes bytes that nothing has referred to for a day: uploads that were not used, messages that were purged. */
export function collectUnusedBlobs(store: Store, blobs: Blobs, now: Date = new Date()): Promise<Collected> {
  return collectBlobs(store, blobs, new Date(now.getTime() - day));
}
