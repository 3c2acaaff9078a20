import { createServer } from "node:net";
import type { Config, PortName } from "../config/config.ts";
import type { Role } from "../config/settings.ts";
import { listen } from "../net/listen.ts";
import { silentLogger } from "../telemetry/logger.ts";

const servers: Readonly<Record<PortName, { readonly what: string; readonly role: Role | undefined }>> = {
  http: { what: "The HTTP server (BOUQUET_HTTP_PORT)", role: undefined },
  metrics: { what: "The metrics server (BOUQUET_METRICS_PORT)", role: undefined },
  smtp: { what: "The SMTP server (BOUQUET_SMTP_PORT)", role: "smtp-in" },
  submission: { what: "The submission server (BOUQUET_SUBMISSION_PORT)", role: "submission" },
  submissions: { what: "The submission server with TLS (BOUQUET_SUBMISSIONS_PORT)", role: "submission" },
  imap: { what: "The IMAP server (BOUQUET_IMAP_PORT)", role: "imap" },
  imaps: { what: "The IMAP server with TLS (BOUQUET_IMAPS_PORT)", role: "imap" },
  pop3: { what: "The POP3 server (BOUQUET_POP3_PORT)", role: "imap" },
  pop3s: { what: "The POP3 server with TLS (BOUQUET_POP3S_PORT)", role: "imap" },
  managesieve: { what: "The ManageSieve server (BOUQUET_MANAGESIEVE_PORT)", role: "imap" },
};

/** The ports that a process with these roles listens on; HTTP always, for /health and /ready. */
export function portsOfRoles(roles: ReadonlySet<Role>): readonly PortName[] {
  return (Object.keys(servers) as PortName[]).filter((name) => {
    const { role } = servers[name];
    return role === undefined || roles.has(role);
  });
}

/**
 * Tries every port that will be needed, before anything is created or migrated, and gives them back. A 0 becomes the
 * number of a free port when several copies must agree on it.
 * @throws ListenError naming the first port that cannot be had.
 */
export async function tryPorts(
  config: Pick<Config, "listen" | "roles" | "copies">,
): Promise<Readonly<Record<PortName, number>>> {
  const ports = { ...config.listen.ports };
  const held: { close(): Promise<void> }[] = [];
  try {
    for (const name of portsOfRoles(config.roles)) {
      if (ports[name] === 0 && config.copies === 1) continue;
      const server = createServer();
      const host = name === "metrics" ? "127.0.0.1" : config.listen.address;
      ports[name] = await listen(server, servers[name].what, { host, port: ports[name] }, silentLogger);
      held.push({
        close: () => {
          const { promise, resolve } = Promise.withResolvers<void>();
          server.close(() => resolve());
          return promise;
        },
      });
    }
  } finally {
    await Promise.all(held.map((server) => server.close()));
  }
  return ports;
}
