import type { IncomingMessage } from "node:http";
import { isSecure, type ServiceName, type ServiceSettings } from "./service-settings.ts";

/**
 * The origin that a program came to, for addresses in what it is answered: it knows one host name, whichever it is. Programs on the
 * same machine may pass by the proxy that has the certificate. A malformed Host gives the origin of `service`.
 */
export function originOfRequest(
  request: Pick<IncomingMessage, "headers">,
  settings: Pick<ServiceSettings, "origins">,
  service: ServiceName,
): string {
  const host = request.headers.host ?? "";
  if (!/^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.test(host)) return settings.origins[service];
  const isLoopback = /^(?:127\.[\d.]+|\[::1\])(?::|$)/.test(host);
  return `${isSecure(settings) && !isLoopback ? "https" : "http"}://${host}`;
}
