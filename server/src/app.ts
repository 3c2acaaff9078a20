import { join } from "node:path";
import { startJobs } from "./app/start-jobs.ts";
import { startImap, startManageSieve, startPop3 } from "./app/start-mail-access.ts";
import { startSmtp } from "./app/start-smtp.ts";
import { startHttp } from "./app/start-web.ts";
import type { Part, Suite, SuiteOptions } from "./app/suite.ts";
import type { PortName } from "./config/config.ts";
import type { ListenPlace } from "./net/listen-error.ts";
import { openTls } from "./net/tls.ts";
import { openDomain, openResolver } from "./open-domain.ts";

/**
 * Wires one copy of the program on a migrated database and starts the roles that the configuration gives it.
 * @throws ListenError, StoreError; what was started is stopped again
 */
export async function openSuite(options: SuiteOptions): Promise<Suite> {
  const { config, log, connectionString } = options;
  const domain = await openDomain(config, connectionString, log, options.metrics);
  const parts: Part[] = [];
  const ports: Partial<Record<PortName, number>> = {};
  const stop = async (deadlineMs: number): Promise<void> => {
    for (const part of parts.toReversed()) await part.stop(deadlineMs);
    await domain.close();
  };
  try {
    const tls = await openTls({
      files: config.listen.tls,
      directory: join(config.dataDirectory, "tls"),
      hostNames: [...new Set([...Object.values(config.web.hosts), config.mail.heloName])],
      log: log.area("tls"),
    });
    const place = (name: PortName): ListenPlace => ({ host: config.listen.address, port: options.ports[name] });
    const resolver = options.resolver ?? openResolver(config);
    const has = (role: typeof config.roles extends ReadonlySet<infer R> ? R : never) => config.roles.has(role);

    if (has("jobs")) parts.push(...(await startJobs(options, domain, resolver, ports)));
    if (has("smtp-in") || has("submission")) {
      parts.push(...(await startSmtp(options, domain, { tls, resolver, place, ports })));
    }
    if (has("imap")) {
      parts.push(...(await startImap(options, domain, { tls, place, ports })));
      parts.push(...(await startPop3(options, domain, { tls, place, ports })));
      parts.push(...(await startManageSieve(options, domain, { tls, place, ports })));
    }
    const http = await startHttp(options, domain, place("http"), ports);
    ports.http = http.port;
    parts.push(http);
    return { ports, origins: http.origins, domain, reloadTls: () => tls.reload(), stop };
  } catch (error) {
    await stop(1_000);
    throw error;
  }
}
