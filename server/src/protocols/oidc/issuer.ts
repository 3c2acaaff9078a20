import type { IncomingMessage, ServerResponse } from "node:http";
import { createLocalJWKSet, type JWK, jwtVerify } from "jose";
import inject from "light-my-request";
import type Provider from "oidc-provider";
import { DomainError } from "../../domain/errors.ts";
import type { SigningKey } from "../../domain/identity/server-secrets.ts";
import type { OpenSession } from "../../domain/identity/sessions.ts";
import { familyClaim, type ServiceClient } from "./clients.ts";
import { createProvider, issuerPath, type ProviderOptions } from "./create-provider.ts";
import { portalSession } from "./portal-session.ts";

/** What an exchanged code says. */
export interface SignedInPerson {
  readonly uid: string;
  readonly familyId: string;
}

export interface Issuer {
  readonly provider: Provider;
  /** The issuer's identifier: `http://portail.localhost:8080/oidc`. */
  readonly identifier: string;
  /** Handles a request beneath /oidc, of a browser whose portal session is `session`. */
  handle(request: IncomingMessage, response: ServerResponse, session: OpenSession | undefined): Promise<void>;
  /**
   * A service's exchange of an authorization code, in this process: services never call the issuer over the network.
   * @throws DomainError `unauthenticated` when the code, its verifier or the id_token do not hold
   */
  exchangeCode(
    client: ServiceClient,
    request: { code: string; verifier: string; nonce: string },
  ): Promise<SignedInPerson>;
}

export function createIssuer(options: ProviderOptions): Issuer {
  const provider = createProvider(options);
  const callback = provider.callback();
  const identifier = provider.issuer;
  const { protocol, host } = new URL(identifier);
  const keys = createLocalJWKSet({ keys: options.identity.secrets.signingKeys.map(publicPart) });

  function handle(request: IncomingMessage, response: ServerResponse, session: OpenSession | undefined): Promise<void> {
    // The provider makes addresses of the request's scheme and host; ours come from the configuration, not from headers.
    request.headers.host = host;
    request.headers["x-forwarded-proto"] = protocol.slice(0, -1);
    delete request.headers["x-forwarded-host"];
    const { url = "/" } = request;
    (request as IncomingMessage & { originalUrl?: string }).originalUrl = url;
    request.url = url.slice(issuerPath.length) || "/";
    return portalSession.run(session, () => callback(request, response));
  }

  return {
    provider,
    identifier,
    handle,
    async exchangeCode(client, { code, verifier, nonce }) {
      const credentials = `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`;
      const response = await inject((request, answer) => void handle(request, answer, undefined), {
        method: "POST",
        url: `${issuerPath}/token`,
        headers: {
          host,
          authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
          "content-type": "application/x-www-form-urlencoded",
        },
        payload: new URLSearchParams({
          grant_type: "authorization_code",
          code,
          code_verifier: verifier,
          redirect_uri: client.redirectUri,
        }).toString(),
      });
      if (response.statusCode !== 200) {
        if (response.statusCode >= 500) throw new DomainError("unavailable", "The sign-in service does not answer");
        throw new DomainError("unauthenticated", "The sign-in was refused", { detail: response.payload.slice(0, 300) });
      }
      const { id_token: idToken } = response.json() as { id_token?: unknown };
      return readIdToken(String(idToken), nonce, client.id);
    },
  };

  async function readIdToken(idToken: string, nonce: string, audience: string): Promise<SignedInPerson> {
    try {
      const { payload } = await jwtVerify(idToken, keys, { issuer: identifier, audience, algorithms: ["ES256"] });
      const familyId = payload[familyClaim];
      if (payload.nonce !== nonce || typeof payload.sub !== "string" || typeof familyId !== "string") {
        throw new Error("The id_token answers another request");
      }
      return { uid: payload.sub, familyId };
    } catch (error) {
      throw new DomainError("unauthenticated", "The sign-in was refused", { cause: error, detail: String(error) });
    }
  }
}

const privateMembers = new Set(["d", "p", "q", "dp", "dq", "qi", "oth", "k"]);

function publicPart(key: SigningKey): JWK {
  return Object.fromEntries(Object.entries(key).filter(([name]) => !privateMembers.has(name))) as JWK;
}
