import { openScreening } from "./app/open-screening.ts";
import type { Config } from "./config/config.ts";
import type { IdentityDeps } from "./domain/identity/identity-deps.ts";
import { loadServerSecrets, type ServerSecrets } from "./domain/identity/server-secrets.ts";
import type { DeliveryDeps } from "./domain/mail/delivery/delivery-deps.ts";
import { SendingLimits } from "./domain/mail/limits/sending-limits.ts";
import type { ReportDeps } from "./domain/mail/reports/receive-report.ts";
import type { ScreeningOptions } from "./domain/mail/screening/screening-deps.ts";
import { createResolver } from "./outbound/dns/create-resolver.ts";
import { Blobs } from "./store/blobs/blobs.ts";
import { openFilesystemBlobs } from "./store/blobs/filesystem.ts";
import { openStore, type Store } from "./store/database.ts";
import type { Logger } from "./telemetry/logger.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import { openWorkerPool } from "./workers/worker-pool.ts";

/** The domain's ground, opened once per process: what a server, a command or the demonstration stands on. */
export interface OpenedDomain {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly secrets: ServerSecrets;
  readonly mail: DeliveryDeps & { readonly limits: SendingLimits; readonly screening: ScreeningOptions };
  readonly identity: IdentityDeps;
  /** Reads a report of another server, in a thread. */
  readonly readReport: ReportDeps["readReport"];
  close(): Promise<void>;
}

/** The DNS client that the settings ask for. */
export function openResolver({ mail }: Pick<Config, "mail">): ReturnType<typeof createResolver> {
  return createResolver({ servers: mail.dnsServers, isValidating: mail.dnsValidates });
}

/** @throws StoreError when the database does not answer */
export async function openDomain(
  config: Pick<Config, "blobs" | "database" | "mail">,
  connectionString: string,
  log: Logger,
  metrics?: Metrics,
): Promise<OpenedDomain> {
  const blobs = new Blobs(await openFilesystemBlobs(config.blobs.directory));
  const workers = openWorkerPool();
  const storeLog = log.area("store");
  const store = await openStore({
    connectionString,
    maxConnections: config.database.connectionsPerCopy,
    onConnectionError: (error) => storeLog.warn({ error }, "a connection to the database broke"),
  });
  try {
    const secrets = await loadServerSecrets(store);
    const limits = new SendingLimits(store, config.mail.sendingLimits, log.area("limits"));
    const screening = openScreening(config.mail.screening, log.area("screening"), metrics);
    return {
      store,
      blobs,
      secrets,
      mail: {
        store,
        blobs,
        analyze: workers.analyze,
        secrets,
        hostName: config.mail.heloName,
        limits,
        screening,
        trustedSealers: config.mail.screening.trustedSealers,
      },
      identity: { store, secrets },
      readReport: workers.readReport,
      async close() {
        await limits.usage.flush();
        await workers.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
