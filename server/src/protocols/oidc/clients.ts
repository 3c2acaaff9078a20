import type { ClientMetadata } from "oidc-provider";
import type { ServerSecrets } from "../../domain/identity/server-secrets.ts";
import type { ServiceName, ServiceSettings } from "../shared/service-settings.ts";

/** A service of ours that signs people in through the portal. The portal itself is where they sign in. */
export type ClientService = Exclude<ServiceName, "portal">;

export const callbackPath = "/auth/callback";

/** Says which sign-in a person came by, to our own services only. */
export const familyScope = "bouquet";
export const familyClaim = "bouquet_family";

export interface ServiceClient {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}

/** The client that a service is to the provider. Its secret depends on the server's, so there is nothing to configure. */
export function serviceClient(
  service: ClientService,
  secrets: ServerSecrets,
  settings: Pick<ServiceSettings, "origins">,
): ServiceClient {
  const id = `bouquet-${service}`;
  return {
    id,
    secret: secrets.derive(`oidc-client ${id}`),
    redirectUri: `${settings.origins[service]}${callbackPath}`,
  };
}

export function firstPartyClients(
  secrets: ServerSecrets,
  settings: Pick<ServiceSettings, "origins">,
): ClientMetadata[] {
  return (["mail", "drive"] as const).map((service) => {
    const { id, secret, redirectUri } = serviceClient(service, secrets, settings);
    return {
      client_id: id,
      client_secret: secret,
      client_name: id,
      redirect_uris: [redirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_basic",
      id_token_signed_response_alg: "ES256",
      scope: `openid profile email ${familyScope}`,
    };
  });
}

/**
 * What mail programs that sign in by OAuth are to the provider: a public native client (RFC 8252), so with PKCE, without a secret and
 * with a redirect to loopback, whatever the port. One that asks for the scope `mail` (or `imap`, `smtp`) gets an access token for
 * XOAUTH2 and OAUTHBEARER, and a refresh token.
 */
export const mailProgramClientId = "bouquet-mail-programs";

/** "mail" is both others; see `authenticateBearer` of the domain. */
export const mailScopes = ["mail", "imap", "smtp"] as const;

export function mailProgramClient(): ClientMetadata {
  return {
    client_id: mailProgramClientId,
    client_name: "mail programs",
    application_type: "native",
    redirect_uris: ["http://127.0.0.1/", "http://[::1]/", "http://localhost/"],
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
    id_token_signed_response_alg: "ES256",
    scope: `openid profile email offline_access ${mailScopes.join(" ")}`,
  };
}
