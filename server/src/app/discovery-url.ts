import type { Config } from "../config/config.ts";
import { publicOrigins } from "../config/public-origins.ts";

/** Where a mail program without an access token finds how to get one (OpenID Connect Discovery 1.0 section 4). */
export function discoveryUrl({ web, listen }: Config): string {
  return `${publicOrigins(web, listen.ports.http).portal}/oidc/.well-known/openid-configuration`;
}
