import type { MailDeps } from "../domain/mail/model.ts";
import { collectUnusedBlobs } from "../domain/operation/collect-unused-blobs.ts";
import type { TimedJob } from "./start-jobs.ts";

/** Every hour: bytes that nothing refers to any more leave the disk. */
export function collectBlobsJob({ store, blobs }: MailDeps): TimedJob {
  return {
    name: "collect-blobs",
    schedule: "17 * * * *",
    run: () => collectUnusedBlobs(store, blobs),
  };
}
