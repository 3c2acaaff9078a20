import type { Config, ServiceHosts } from "./config.ts";

/**
 * The origins that people open, such as `http://portail.localhost:8080`. `listeningPort` is the port that HTTP really
 * took, which is known only after listening when the configured one is 0.
 */
export function publicOrigins(
  web: Pick<Config["web"], "hosts" | "publicScheme" | "publicPort">,
  listeningPort: number,
): ServiceHosts {
  const usual = web.publicScheme === "https" ? 443 : 80;
  const port = web.publicPort ?? (web.publicScheme === "https" ? usual : listeningPort);
  const origin = (host: string) => `${web.publicScheme}://${host}${port === usual ? "" : `:${port}`}`;
  return { portal: origin(web.hosts.portal), mail: origin(web.hosts.mail), drive: origin(web.hosts.drive) };
}
