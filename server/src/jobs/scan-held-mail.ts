import { scanHeldMail } from "../domain/mail/screening/scan-held-mail.ts";
import type { TimedJob } from "./start-jobs.ts";

/** Every minute: what users sent while the virus scanner did not answer is scanned, and goes. */
export function scanHeldMailJob(deps: Parameters<typeof scanHeldMail>[0]): TimedJob {
  return {
    name: "scan-held-mail",
    schedule: "* * * * *",
    run: (signal) => scanHeldMail(deps, signal),
  };
}
