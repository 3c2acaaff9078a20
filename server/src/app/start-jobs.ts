import { purgeDeleted } from "../domain/drive/purge-deleted.ts";
import { purgeCredentials } from "../domain/identity/purge-credentials.ts";
import { fanOutHandler } from "../domain/mail/delivery/fan-out.ts";
import { fanOutTopic } from "../domain/mail/delivery/fan-out-payload.ts";
import { purgeExpunged } from "../domain/mail/purge-expunged.ts";
import type { Resolver } from "../domain/mail/resolver.ts";
import type { MailTransport } from "../domain/mail/submission/mail-transport.ts";
import { notificationTopic } from "../domain/mail/submission/notification-order.ts";
import { purgeFinishedSubmissions } from "../domain/mail/submission/purge-finished.ts";
import { notificationHandler } from "../domain/mail/submission/send-notification.ts";
import { purgeUploads } from "../domain/mail/upload-blob.ts";
import { collectBlobsJob } from "../jobs/collect-blobs.ts";
import type { RunningJob } from "../jobs/job.ts";
import { purgeExpiredJob } from "../jobs/purge-expired.ts";
import { startOutbox } from "../jobs/run-outbox.ts";
import { startOutboundMail } from "../jobs/send-outbound-mail.ts";
import { startTimedJobs } from "../jobs/start-jobs.ts";
import type { OpenedDomain } from "../open-domain.ts";
import { createMailTransport } from "../outbound/smtp-client/deliver-by-smtp.ts";
import { purgeDepartures } from "../store/feed/purge-departures.ts";
import type { SuiteOptions } from "./suite.ts";

/** Uploads that no message used (RFC 8620 section 6.1 asks for an hour at least). */
const uploadDays = 1;
/** A client that was away for longer reads everything again. */
const departureDays = 30;

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000);
}

/** What wakes by itself. */
export async function startJobs(
  options: SuiteOptions,
  domain: OpenedDomain,
  resolver: Resolver,
): Promise<RunningJob[]> {
  const { config, log, metrics, connectionString } = options;
  const { store, blobs, mail } = domain;
  const transport: MailTransport = createMailTransport({
    resolver,
    heloName: config.mail.heloName,
    routes: config.mail.routes,
  });
  const purges = [
    { name: "files", run: async (before: Date) => (await purgeDeleted({ store }, before)).nodes },
    { name: "messages", run: async (before: Date) => (await purgeExpunged(store, before)).messages },
    { name: "credentials", run: () => purgeCredentials(store) },
    { name: "uploads", run: () => purgeUploads({ store }, daysAgo(uploadDays)) },
    { name: "departures", run: () => purgeDepartures(store, daysAgo(Math.max(departureDays, config.recoveryDays))) },
    { name: "submissions", run: (before: Date) => purgeFinishedSubmissions(store, blobs, before) },
  ];
  return [
    await startTimedJobs({
      connectionString,
      jobs: [collectBlobsJob(mail), purgeExpiredJob(purges, config.recoveryDays)],
      log: log.area("jobs"),
    }),
    startOutbox({
      store,
      handlers: {
        [fanOutTopic]: fanOutHandler(mail),
        [notificationTopic]: notificationHandler(mail, config.mail.heloName),
      },
      log: log.area("outbox"),
      metrics,
    }),
    startOutboundMail({ deps: { ...mail, transport }, log: log.area("outbound"), metrics }),
  ];
}
