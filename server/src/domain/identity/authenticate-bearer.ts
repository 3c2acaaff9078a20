import { sql } from "kysely";
import { DomainError } from "../errors.ts";
import {
  type AuthenticatedClient,
  countClientFailure,
  type FoundClient,
  findOpened,
  recordClientUse,
} from "./authenticate-client.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { mayWork, toViewer, viewerColumns } from "./load-viewer.ts";
import { normalizeLogin } from "./verify-credentials.ts";

/** What a mail program may be allowed by a token; "mail" is both others. */
export type BearerScope = "imap" | "smtp" | "mail";

export interface BearerCredentials {
  /** An access token of our own provider. */
  token: string;
  scope: Exclude<BearerScope, "mail">;
  /** Whom the program says it is for: the token's person, or a shared mailbox that they open; empty when it says nothing. */
  login: string;
  remoteAddress: string;
}

/**
 * Lets in a program with an access token of our OpenID provider. A mail program gets one as the client `mailProgramClientId` of
 * protocols/oidc/clients.ts (authorization code with PKCE, no secret, redirect to loopback) with the scope `mail`, `imap` or
 * `smtp`. What it was allowed stands among the app passwords of the person and is revoked there, tokens included.
 * @returns as for an app password: give `appPasswordId` to `watchRevoked`
 * @throws DomainError `wrong_credentials`, `throttled`, `unavailable`
 */
export async function authenticateBearer(
  deps: IdentityDeps,
  { token, scope, login, remoteAddress }: BearerCredentials,
): Promise<AuthenticatedClient> {
  const name = login === "" ? "" : normalizeLogin(login);
  const found = await findToken(deps, token, scope, name);
  const opened = found && !found.is_login ? await findOpened(deps, found, name, scope) : undefined;
  if (!found || (!found.is_login && opened === undefined)) {
    await countClientFailure(deps, name, remoteAddress);
    throw new DomainError("wrong_credentials", "The access token is not valid");
  }
  if (found.stale) await recordClientUse(deps, found, remoteAddress);
  const viewer = toViewer(found);
  return {
    viewer,
    appPasswordId: found.id,
    appPasswordName: found.name,
    ...(opened !== undefined && { openedAccountId: opened }),
  };
}

async function findToken(
  deps: Pick<IdentityDeps, "store">,
  token: string,
  scope: string,
  login: string,
): Promise<(FoundClient & { is_login: boolean }) | undefined> {
  if (!/^[A-Za-z0-9_-]{20,200}$/.test(token) || login.includes("\0")) return undefined;
  const { rows } = await sql<FoundClient & { is_login: boolean }>`
    SELECT ${viewerColumns}, w.id, w.name, w.last_used_at IS NULL OR w.last_used_at < now() - interval '1 hour' AS stale,
      (${login} = '' OR EXISTS (SELECT FROM login l
        WHERE l.login = ${login} AND l.organization_id = p.organization_id AND l.principal_id = p.id)) AS is_login
    FROM oidc_record r
    JOIN app_password w ON w.id = r.family_id AND w.revoked_at IS NULL
    JOIN principal p ON p.organization_id = w.organization_id AND p.id = w.principal_id AND ${mayWork}
    WHERE r.kind = 'AccessToken' AND r.id = ${token} AND r.expires_at > now() AND r.consumed_at IS NULL
      AND r.payload ->> 'accountId' = p.uid
      AND string_to_array(r.payload ->> 'scope', ' ') && ARRAY['mail', ${scope}::text]`.execute(deps.store.read);
  return rows[0];
}
