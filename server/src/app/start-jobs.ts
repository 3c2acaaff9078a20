import { publicOrigins } from "../config/public-origins.ts";
import { purgeDeviceCounts } from "../domain/drive/brake/hold-brake.ts";
import { pausedDeviceTopic } from "../domain/drive/brake/paused-device-order.ts";
import { emptyOldTrash } from "../domain/drive/delete-from-trash.ts";
import { purgeDeleted } from "../domain/drive/purge-deleted.ts";
import { purgeHistory } from "../domain/drive/purge-history.ts";
import { expireUploads } from "../domain/drive/uploads/expire-uploads.ts";
import { limitVersions } from "../domain/drive/versions/limit-versions.ts";
import { thinVersions } from "../domain/drive/versions/thin-versions.ts";
import { purgeCredentials } from "../domain/identity/purge-credentials.ts";
import { fanOutHandler } from "../domain/mail/delivery/fan-out.ts";
import { fanOutTopic } from "../domain/mail/delivery/fan-out-payload.ts";
import { purgeFilterMemory } from "../domain/mail/filters/filter-memory.ts";
import { purgeGreylist } from "../domain/mail/limits/greylist.ts";
import { pausedSenderTopic } from "../domain/mail/limits/paused-sender-order.ts";
import { pausedDeviceHandler } from "../domain/mail/limits/tell-paused-device.ts";
import { pausedSenderHandler } from "../domain/mail/limits/tell-paused-sender.ts";
import { moderationTopic } from "../domain/mail/moderation/hold-message.ts";
import { purgeDecided } from "../domain/mail/moderation/purge-decided.ts";
import { tellModerators } from "../domain/mail/moderation/tell-moderators.ts";
import { purgeExpunged } from "../domain/mail/purge-expunged.ts";
import { purgeReports } from "../domain/mail/reports/list-reports.ts";
import { reportHandler, reportTopic } from "../domain/mail/reports/receive-report.ts";
import type { Resolver } from "../domain/mail/resolver.ts";
import { trainingHandler } from "../domain/mail/screening/learn-messages.ts";
import { purgeLearned } from "../domain/mail/screening/purge-learned.ts";
import { purgeQuarantine } from "../domain/mail/screening/quarantine.ts";
import { outageTopic } from "../domain/mail/screening/scanner-outage.ts";
import { outageHandler } from "../domain/mail/screening/tell-of-outage.ts";
import { trainingTopic } from "../domain/mail/screening/training-order.ts";
import { purgeSentCopies } from "../domain/mail/sent-copies.ts";
import type { MailTransport } from "../domain/mail/submission/mail-transport.ts";
import { createPolicyMemory, purgeExpiredPolicies } from "../domain/mail/submission/mta-sts-policies.ts";
import { notificationTopic } from "../domain/mail/submission/notification-order.ts";
import { purgeFinishedSubmissions } from "../domain/mail/submission/purge-finished.ts";
import { notificationHandler } from "../domain/mail/submission/send-notification.ts";
import { shareMailHandler } from "../domain/mail/submission/send-share-mail.ts";
import { purgeTrace } from "../domain/mail/trace/purge-trace.ts";
import { purgeUploads } from "../domain/mail/upload-blob.ts";
import { purgeNotifications } from "../domain/notifications/dismiss-notifications.ts";
import { purgeVisits } from "../domain/sharing/link-visits.ts";
import { shareMailTopic } from "../domain/sharing/share-events.ts";
import { collectBlobsJob } from "../jobs/collect-blobs.ts";
import { startIndexing } from "../jobs/index-texts.ts";
import type { RunningJob } from "../jobs/job.ts";
import { purgeExpiredJob } from "../jobs/purge-expired.ts";
import { startReadingDocuments } from "../jobs/read-documents.ts";
import { returnHeldMessagesJob } from "../jobs/return-held-messages.ts";
import { startOutbox } from "../jobs/run-outbox.ts";
import { scanHeldMailJob } from "../jobs/scan-held-mail.ts";
import { startOutboundMail } from "../jobs/send-outbound-mail.ts";
import { startTimedJobs } from "../jobs/start-jobs.ts";
import { tendDkimKeysJob } from "../jobs/tend-dkim-keys.ts";
import { tendSharesJob } from "../jobs/tend-shares.ts";
import type { OpenedDomain } from "../open-domain.ts";
import { createPolicyFinder } from "../outbound/mta-sts/find-policy.ts";
import { createMailTransport } from "../outbound/smtp-client/deliver-by-smtp.ts";
import { purgeExpiredLocks } from "../store/drive/remove-locks.ts";
import { purgeDepartures } from "../store/feed/purge-departures.ts";
import { openExtractor } from "../workers/open-extractor.ts";
import type { Suite, SuiteOptions } from "./suite.ts";

/** Uploads that no message used (RFC 8620 section 6.1 asks for an hour at least). */
const uploadDays = 1;
/** Whoever has not looked for so long is not told any more. */
const notificationDays = 90;
/** A client that was away for longer reads everything again. */
const departureDays = 30;
/** Who came by a link: personal data, of no use for longer. */
const visitDays = 180;
/** A year and a month, so that the same season can be compared. */
const reportDays = 396;

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000);
}

/** What wakes by itself. */
export async function startJobs(
  options: SuiteOptions,
  domain: OpenedDomain,
  resolver: Resolver,
  ports: Suite["ports"],
): Promise<RunningJob[]> {
  const { config, log, metrics, connectionString } = options;
  const { store, blobs, mail } = domain;
  const transport: MailTransport = createMailTransport({
    resolver,
    heloName: config.mail.heloName,
    routes: config.mail.routes,
    findPolicy: createPolicyFinder({ resolver, memory: createPolicyMemory(store), log: log.area("mta-sts") }),
  });
  const purges = [
    { name: "trash", run: () => emptyOldTrash({ store }, daysAgo(config.trashDays)) },
    { name: "files", run: async (before: Date) => (await purgeDeleted({ store }, before)).nodes },
    { name: "versions", run: (before: Date) => thinVersions({ store }, before) },
    {
      name: "versions beyond the ceiling",
      run: (before: Date) => limitVersions({ store }, config.versionsPercent, before),
    },
    { name: "counts of devices", run: () => purgeDeviceCounts({ store }, daysAgo(2)) },
    { name: "messages", run: async (before: Date) => (await purgeExpunged(store, before)).messages },
    { name: "credentials", run: () => purgeCredentials(store) },
    { name: "uploads", run: () => purgeUploads({ store }, daysAgo(uploadDays)) },
    { name: "uploads in pieces", run: () => expireUploads({ store }, daysAgo(uploadDays)) },
    { name: "departures", run: () => purgeDepartures(store, daysAgo(Math.max(departureDays, config.recoveryDays))) },
    { name: "history", run: () => purgeHistory({ store }, daysAgo(Math.max(departureDays, config.recoveryDays))) },
    { name: "locks", run: () => purgeExpiredLocks(store, new Date()) },
    { name: "notifications", run: () => purgeNotifications(store, daysAgo(notificationDays)) },
    { name: "trace", run: () => purgeTrace(store) },
    { name: "filters' memory", run: () => purgeFilterMemory(store) },
    { name: "greylist", run: () => purgeGreylist(store) },
    { name: "sending counts", run: () => mail.limits.purge() },
    { name: "held messages", run: (before: Date) => purgeDecided(store, before) },
    { name: "quarantine", run: () => purgeQuarantine(mail, daysAgo(config.mail.screening.quarantineDays)) },
    { name: "classifier's memory", run: () => purgeLearned(store) },
    { name: "sent copies", run: () => purgeSentCopies(store) },
    { name: "MTA-STS policies", run: () => purgeExpiredPolicies(store) },
    { name: "visits by links", run: () => purgeVisits(store, daysAgo(visitDays)) },
    { name: "reports", run: () => purgeReports(store, daysAgo(reportDays)) },
    { name: "submissions", run: (before: Date) => purgeFinishedSubmissions(store, blobs, before) },
  ];
  const extractor = openExtractor();
  return [
    await startTimedJobs({
      connectionString,
      jobs: [
        collectBlobsJob(mail),
        purgeExpiredJob(purges, config.recoveryDays),
        returnHeldMessagesJob(mail),
        tendSharesJob({ store }),
        tendDkimKeysJob({ store, secrets: domain.secrets, resolver }, config.mail.dkimRotationDays),
        scanHeldMailJob({ ...mail.screening, store, blobs }),
      ],
      log: log.area("jobs"),
    }),
    startOutbox({
      store,
      handlers: {
        [fanOutTopic]: fanOutHandler(mail),
        [moderationTopic]: tellModerators(mail, () => publicOrigins(config.web, ports.http ?? options.ports.http).mail),
        [outageTopic]: outageHandler(mail),
        [trainingTopic]: trainingHandler(mail),
        [pausedSenderTopic]: pausedSenderHandler(mail),
        [pausedDeviceTopic]: pausedDeviceHandler(
          mail,
          () => publicOrigins(config.web, ports.http ?? options.ports.http).drive,
        ),
        [reportTopic]: reportHandler({
          blobs,
          readReport: domain.readReport,
          onProblem: (organizationId, problem) =>
            log.area("reports").info({ organizationId, problem }, "a mail to the address for reports holds none"),
        }),
        [notificationTopic]: notificationHandler(mail),
        [shareMailTopic]: shareMailHandler(
          mail,
          () => publicOrigins(config.web, ports.http ?? options.ports.http).drive,
        ),
      },
      log: log.area("outbox"),
      metrics,
    }),
    startIndexing({ mail, log: log.area("search") }),
    startReadingDocuments({
      deps: { ...mail, extract: extractor.extract },
      log: log.area("search"),
      close: () => extractor.close(),
    }),
    startOutboundMail({ deps: { ...mail, transport }, log: log.area("outbound"), metrics }),
  ];
}
