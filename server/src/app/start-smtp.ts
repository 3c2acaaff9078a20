import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Resolver } from "../domain/mail/resolver.ts";
import { TraceBuffer } from "../domain/mail/trace/trace-buffer.ts";
import type { OpenedDomain } from "../open-domain.ts";
import { createSmtpMetrics } from "../protocols/smtp/smtp-metrics.ts";
import { startReceiving } from "../protocols/smtp/start-receiving.ts";
import { startSubmission } from "../protocols/smtp/start-submission.ts";
import { discoveryUrl } from "./discovery-url.ts";
import type { Ground, Part, SuiteOptions } from "./suite.ts";

/** The servers that take mail: from other servers, and from our users. */
export async function startSmtp(
  options: SuiteOptions,
  domain: OpenedDomain,
  { tls, place, ports, resolver }: Ground & { resolver: Resolver },
): Promise<Part[]> {
  const { config } = options;
  const { receiving } = config.mail;
  const spoolDirectory = join(config.dataDirectory, "spool");
  await mkdir(spoolDirectory, { recursive: true, mode: 0o700 });
  const trace = new TraceBuffer(domain.store, options.log.area("trace"));
  const common = {
    trace,
    mail: { ...domain.mail, secrets: domain.secrets },
    tls,
    hostName: config.mail.heloName,
    messageSizeLimit: config.mail.messageSizeLimit,
    limits: config.mail.smtpLimits,
    proxies: config.listen.proxies,
    spoolDirectory,
    log: options.log.area("smtp"),
    metrics: createSmtpMetrics(options.metrics),
  };
  // Stopped last: what the servers refused until then is written.
  const parts: Part[] = [{ stop: () => trace.flush() }];
  if (config.roles.has("smtp-in")) {
    const server = await startReceiving({
      ...common,
      listen: place("smtp"),
      resolver,
      screening: domain.mail.screening,
      messageSizeLimit: receiving.messageSizeLimit,
      rates: receiving.rates,
      trustedNetworks: receiving.trustedNetworks,
      ...(receiving.greylistSeconds !== undefined && { greylist: { delaySeconds: receiving.greylistSeconds } }),
    });
    parts.push({ stop: (deadlineMs) => server.close(deadlineMs) });
    ports.smtp = server.port;
  }
  if (config.roles.has("submission")) {
    for (const name of ["submission", "submissions"] as const) {
      const server = await startSubmission({
        ...common,
        listen: place(name),
        implicitTls: name === "submissions",
        allowPlainAuthOnLoopback: config.listen.allowPlainAuthOnLoopback,
        identity: domain.identity,
        discovery: discoveryUrl(config),
      });
      parts.push({ stop: (deadlineMs) => server.close(deadlineMs) });
      ports[name] = server.port;
    }
  }
  return parts;
}
