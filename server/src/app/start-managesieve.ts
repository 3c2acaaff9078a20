import { startListener } from "../net/listener.ts";
import type { OpenedDomain } from "../open-domain.ts";
import { createManageSieveMetrics } from "../protocols/managesieve/managesieve-metrics.ts";
import { serveClient } from "../protocols/managesieve/serve-client.ts";
import { defaultManageSieveSettings } from "../protocols/managesieve/settings.ts";
import type { Ground, Part, SuiteOptions } from "./suite.ts";

/** ManageSieve, with which mail programs change filters. */
export async function startManageSieve(
  options: SuiteOptions,
  domain: OpenedDomain,
  { tls, place, ports }: Ground,
): Promise<Part[]> {
  const log = options.log.area("managesieve");
  const { allowPlainAuthOnLoopback } = options.config.listen;
  const deps = {
    mail: domain.mail,
    identity: domain.identity,
    settings: { ...defaultManageSieveSettings, allowPlainAuthOnLoopback },
    log,
    metrics: createManageSieveMetrics(options.metrics),
    connectionsOf: new Map<string, number>(),
  };
  const listener = await startListener({
    name: "ManageSieve",
    listen: place("managesieve"),
    tls,
    implicitTls: false,
    log,
    refusal: 'BYE (TRYLATER) "Too many connections, try again later"\r\n',
    onConnection: (connection) => serveClient(connection, deps),
  });
  ports.managesieve = listener.port;
  return [{ stop: (deadlineMs) => listener.close(deadlineMs) }];
}
