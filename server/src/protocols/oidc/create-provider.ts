import type {
  ClientMetadata,
  Configuration,
  Grant,
  interactionPolicy as InteractionPolicy,
  KoaContextWithOIDC,
  Provider as OpenIdProvider,
} from "oidc-provider";
import { createMailProgram } from "../../domain/identity/create-mail-program.ts";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import { findOidcRecord } from "../../domain/identity/oidc-records.ts";
import { findProfile } from "../../domain/identity/profile.ts";
import { idleDays, longestDays } from "../../domain/identity/sessions.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { isSecure, type ServiceSettings } from "../shared/service-settings.ts";
import {
  familyClaim,
  familyScope,
  firstPartyClients,
  mailProgramClient,
  mailProgramClientId,
  mailScopes,
} from "./clients.ts";
import { interactionPolicy, Provider } from "./load-oidc-provider.ts";
import { portalSession } from "./portal-session.ts";
import { problemPage } from "./problem-page.ts";
import { createRecordAdapter } from "./record-adapter.ts";

/** Beneath it are the provider's endpoints, on the portal's host. */
export const issuerPath = "/oidc";

/** Why a mail program's person signs in again although they are signed in. */
export const mailProgramReason = "mail_program";

export interface ProviderOptions {
  readonly identity: IdentityDeps;
  readonly settings: ServiceSettings;
  readonly log: Logger;
  /** Further programs that sign people in here. They get no family scope unless they ask and are given it. */
  readonly clients?: readonly ClientMetadata[];
}

/** The OpenID provider of the portal (OpenID Connect Core 1.0, RFC 7636, RFC 9207). It keeps nothing in memory. */
export function createProvider(options: ProviderOptions): OpenIdProvider {
  const { identity, settings, log, clients = [] } = options;
  const secure = isSecure(settings);
  const cookies = { httpOnly: true, sameSite: "lax", signed: true, overwrite: true, secure } as const;
  const day = 86_400;

  const configuration: Configuration = {
    adapter: createRecordAdapter(identity),
    clients: [...firstPartyClients(identity.secrets, settings), mailProgramClient(), ...clients],
    jwks: { keys: identity.secrets.signingKeys.map((key) => ({ ...key })) } as NonNullable<Configuration["jwks"]>,
    cookies: {
      keys: [...identity.secrets.cookieKeys],
      names: {
        session: secure ? "__Host-bouquet-issuer" : "bouquet-issuer",
        interaction: secure ? "__Secure-bouquet-interaction" : "bouquet-interaction",
        resume: secure ? "__Secure-bouquet-resume" : "bouquet-resume",
      },
      long: { ...cookies, path: "/" },
      // Without a path: each interaction's cookies go to its own addresses, so two tabs do not disturb each other.
      short: cookies,
    },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    pkce: { required: () => true },
    scopes: ["openid", "profile", "email", "offline_access", familyScope, ...mailScopes],
    claims: {
      openid: ["sub"],
      profile: ["name", "given_name", "family_name", "preferred_username", "locale", "zoneinfo"],
      email: ["email", "email_verified"],
      [familyScope]: [familyClaim],
    },
    // The claims of the scopes are in the id_token too: one exchange tells a service everything.
    conformIdTokenClaims: false,
    responseTypes: ["code"],
    ttl: {
      AuthorizationCode: 60,
      AccessToken: (_ctx, _token, client) => (client.clientId === mailProgramClientId ? 3_600 : 600),
      IdToken: 600,
      Interaction: 3_600,
      RefreshToken: idleDays * day,
      Grant: longestDays * day,
      Session: longestDays * day,
    },
    // Without asking for consent: whoever signs in to a mail program means to stay so.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    expiresWithSession: async (_ctx, code) =>
      code.clientId !== mailProgramClientId && !code.scopes.has("offline_access"),
    interactions: {
      policy: loginPolicy(),
      url: (_ctx, interaction) => `${settings.origins.portal}/interaction/${interaction.uid}`,
    },
    findAccount: async (_ctx, sub, token) => {
      const familyId = await familyOf(identity, token);
      const profile = familyId === undefined ? undefined : await findProfile(identity.store.read, sub);
      if (!profile) return undefined;
      const email = profile.addresses[0];
      return {
        accountId: sub,
        claims: () => ({
          sub,
          name: profile.displayName,
          given_name: profile.givenName || undefined,
          family_name: profile.familyName || undefined,
          preferred_username: email ?? sub,
          locale: profile.language,
          zoneinfo: profile.timeZone,
          ...(email && { email, email_verified: true }),
          [familyClaim]: familyId,
        }),
      };
    },
    loadExistingGrant: (ctx) => grantEverythingAllowed(ctx, identity),
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = problemPage(settings, { detail: out.error });
    },
  };

  const provider = new Provider(`${settings.origins.portal}${issuerPath}`, configuration);
  // The public scheme and host are the configuration's: see the headers that `handleIssuerRequest` sets.
  provider.proxy = true;
  provider.on("server_error", (_ctx, error) => log.error({ error }, "the OpenID provider failed"));
  const refused = (_ctx: KoaContextWithOIDC, error: Error) =>
    log.info({ reason: error.message }, "the OpenID provider refused a request");
  provider.on("authorization.error", refused);
  provider.on("grant.error", refused);
  return provider;
}

/** The sign-in that a token of the provider belongs to; without a token, the one that the request carries. */
async function familyOf(identity: IdentityDeps, token: unknown): Promise<string | undefined> {
  if (token === undefined) return portalSession.getStore()?.familyId;
  const { grantId } = token as { grantId?: unknown };
  if (typeof grantId !== "string") return undefined;
  return (await findOidcRecord(identity.store, "Grant", grantId))?.familyId;
}

/** Nobody is asked for consent: every client is the operator's own choice. */
async function grantEverythingAllowed(ctx: KoaContextWithOIDC, identity: IdentityDeps): Promise<Grant | undefined> {
  const { client, session, account, provider } = ctx.oidc;
  if (!client || !account) return undefined;
  const known = session?.grantIdFor(client.clientId);
  const existing = known === undefined ? undefined : await provider.Grant.find(known);
  const usable = existing?.accountId === account.accountId && existing.clientId === client.clientId;
  const grant = usable ? existing : new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  grant.addOIDCScope([...ctx.oidc.requestParamScopes].join(" "));
  const grantId = await grant.save();
  const viewer = portalSession.getStore()?.viewer;
  if (!usable && viewer && client.clientId === mailProgramClientId) await createMailProgram(identity, viewer, grantId);
  return grant;
}

function loginPolicy(): InteractionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  policy.remove("consent");
  const { checks } = policy.get("login")!;
  checks.add(
    new interactionPolicy.Check("portal_session", "The sign-in at the portal is over", (ctx) => {
      const current = portalSession.getStore();
      const same = current !== undefined && current.viewer.uid === ctx.oidc.session?.accountId;
      return same ? interactionPolicy.Check.NO_NEED_TO_PROMPT : interactionPolicy.Check.REQUEST_PROMPT;
    }),
  );
  checks.add(
    // Any program of the machine can say that it is a mail program and listen on loopback: a link must not be enough to let it in
    // (RFC 8252 section 8.6), so the password is asked for each time.
    new interactionPolicy.Check(mailProgramReason, "A mail program is let in by a sign-in of its own", ({ oidc }) =>
      oidc.client?.clientId === mailProgramClientId && oidc.result?.login === undefined
        ? interactionPolicy.Check.REQUEST_PROMPT
        : interactionPolicy.Check.NO_NEED_TO_PROMPT,
    ),
  );
  return policy;
}
