import type { IncomingMessage } from "node:http";
import { isSecure, type ServiceName, type ServiceSettings } from "./service-settings.ts";

/**
 * The origin that a program came to, for addresses in what it is answered: it knows one host name, whichever it is. Of our own names
 * the configuration says how people reach them, whatever port a proxy left in the header. Programs on the same machine may pass by
 * the proxy that has the certificate. A malformed Host gives the origin of `service`.
 */
export function originOfRequest(
  request: Pick<IncomingMessage, "headers">,
  settings: Pick<ServiceSettings, "origins">,
  service: ServiceName,
): string {
  const host = request.headers.host ?? "";
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
  if (name === undefined) return settings.origins[service];
  const own = Object.values(settings.origins).find((origin) => new URL(origin).hostname === name);
  if (own !== undefined) return own;
  const isLoopback = /^(?:127\.[\d.]+|\[::1\])$/.test(name);
  return `${isSecure(settings) && !isLoopback ? "https" : "http"}://${host}`;
}
