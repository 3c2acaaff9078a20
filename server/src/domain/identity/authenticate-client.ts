import { sql } from "kysely";
import { gatherLookups } from "../../store/gathered-lookup.ts";
import { DomainError } from "../errors.ts";
import {
  type AppPasswordScope,
  appPasswordPurpose,
  looksLikeAppPassword,
  normalizeAppPassword,
} from "./app-passwords.ts";
import { findOpenedAccount } from "./find-opened-account.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { maySendOnlyText, mayWorkText, toViewer, type ViewerRow, viewerColumnsText } from "./load-viewer.ts";
import { networkOf } from "./network-of.ts";
import { chargeAttempt, type ThrottlePolicy } from "./throttle.ts";
import { normalizeLogin } from "./verify-credentials.ts";
import type { Viewer } from "./viewer.ts";

/** A phone with a stale password tries again every few minutes: that must cost it nothing but its own refusals. */
const clientPolicy: ThrottlePolicy = { freeTries: 20, windowSeconds: 3_600, firstBlockSeconds: 30 };
const clientNetworkPolicy: ThrottlePolicy = { freeTries: 500, windowSeconds: 3_600, firstBlockSeconds: 30 };

export interface ClientCredentials {
  /** Of the person; or of a shared mailbox that they may open, as a login of its own (for "imap" and "smtp"). */
  login: string;
  /** An app password; the password of the account is never accepted here. */
  secret: string;
  scope: AppPasswordScope;
  remoteAddress: string;
}

export interface AuthenticatedClient {
  viewer: Viewer;
  /** Give it to `watchRevoked` for a connection that stays. */
  appPasswordId: string;
  /** What its owner called the program or the device. */
  appPasswordName: string;
  /** When the login was that of another account: this one is the personal one of the session, and the viewer is still the person. */
  openedAccountId?: string;
}

/**
 * Lets in a program with an app password. The password is found by the index of its keyed hash, in the same time whether it is
 * wrong, revoked, another person's or for another use. A right password works even where wrong ones are being slowed down.
 * @throws DomainError `wrong_credentials`, `throttled`, `unavailable`
 */
export async function authenticateClient(
  deps: IdentityDeps,
  credentials: ClientCredentials,
): Promise<AuthenticatedClient> {
  const login = normalizeLogin(credentials.login);
  const secret = normalizeAppPassword(credentials.secret);
  const found = await findAppPassword(deps, login, secret, credentials.scope);
  const opened = found && !found.is_login ? await findOpened(deps, found, login, credentials.scope) : undefined;
  if (!found || (!found.is_login && opened === undefined)) {
    await countClientFailure(deps, login, credentials.remoteAddress);
    throw new DomainError("wrong_credentials", "The name or the app password is not right");
  }
  if (found.stale) await recordClientUse(deps, found, credentials.remoteAddress);
  const viewer = toViewer(found);
  return {
    viewer,
    appPasswordId: found.id,
    appPasswordName: found.name,
    ...(opened !== undefined && { openedAccountId: opened }),
  };
}

/** What must be possible for a login to be worth it: to read, or, for a program that sends, to send. */
const rightsToOpen: Partial<Record<AppPasswordScope, readonly string[]>> = {
  imap: ["read"],
  smtp: ["read", "send_as", "send_on_behalf"],
};

/** The account that somebody who was recognized opens by the login of another. */
export async function findOpened(
  deps: Pick<IdentityDeps, "store">,
  found: FoundClient,
  login: string,
  scope: AppPasswordScope,
): Promise<string | undefined> {
  const rights = rightsToOpen[scope];
  const person = { organizationId: found.organization_id, principalId: found.principal_id };
  return rights && findOpenedAccount(deps.store.read, person, login, rights);
}

export type FoundClient = ViewerRow & { id: string; name: string; stale: boolean };

type FoundAppPassword = FoundClient & { is_login: boolean };

/** Of every request of every program. */
const byHash = (name: string, mayUse: string) =>
  gatherLookups<FoundAppPassword>(
    name,
    ["bytea", "text", "text"],
    ([hash, login, scopes]) => `SELECT ${viewerColumnsText}, w.id, w.name,
      w.last_used_at IS NULL OR w.last_used_at < now() - interval '1 hour' AS stale,
      EXISTS (SELECT FROM login l
        WHERE l.organization_id = p.organization_id AND l.principal_id = p.id AND l.login = ${login}) AS is_login
    FROM app_password w
    JOIN principal p ON p.organization_id = w.organization_id AND p.id = w.principal_id AND ${mayUse}
    WHERE w.secret_hash = ${hash} AND w.revoked_at IS NULL AND w.scopes && string_to_array(${scopes}, ' ')`,
  );
/** A printer or a business program sends and does nothing else. */
const mayWorkOrSend = `(${mayWorkText} OR ${maySendOnlyText})`;
const findWorking = byHash("app_password_working", mayWorkText);
const findSending = byHash("app_password_sending", mayWorkOrSend);

async function findAppPassword(
  deps: IdentityDeps,
  login: string,
  secret: string,
  scope: AppPasswordScope,
): Promise<FoundAppPassword | undefined> {
  if (!looksLikeAppPassword(secret) || login.includes("\0")) return undefined;
  const find = scope === "smtp" || scope === "send" ? findSending : findWorking;
  const hash = deps.secrets.hashToken(appPasswordPurpose, secret);
  const [found] = await find.find(deps.store.read, [`\\x${hash.toString("hex")}`, login, openedBy(scope).join(" ")]);
  return found;
}

/** Submission is opened by "send" too, which opens nothing else. */
function openedBy(scope: AppPasswordScope): AppPasswordScope[] {
  return scope === "smtp" ? ["smtp", "send"] : [scope];
}

/** Writes when and from where a program came, at most hourly. */
export async function recordClientUse(
  deps: Pick<IdentityDeps, "store">,
  used: FoundClient,
  remoteAddress: string,
): Promise<void> {
  await deps.store.transact(async (tx) => {
    const written = await sql`
      UPDATE app_password SET last_used_at = now(), last_used_from = ${remoteAddress}
      WHERE organization_id = ${used.organization_id} AND id = ${used.id}
        AND (last_used_at IS NULL OR last_used_at < now() - interval '1 hour')`.execute(tx);
    if (!written.numAffectedRows) return; // another connection was first
    await sql`
      INSERT INTO presence (organization_id, principal_id) VALUES (${used.organization_id}, ${used.principal_id})
      ON CONFLICT (organization_id, principal_id) DO UPDATE SET last_seen_at = now()`.execute(tx);
  });
}

/** @throws DomainError `throttled` once there were too many */
export async function countClientFailure(deps: IdentityDeps, login: string, remoteAddress: string): Promise<void> {
  const network = networkOf(remoteAddress);
  const key = (kind: string, text: string) =>
    `${kind}:${deps.secrets.hashToken("throttle", `${kind}\0${text}`).toString("base64url")}`;
  // The network first: whoever tries names without end leaves no row for each of them.
  await chargeAttempt(deps.store, key("client-network", network), clientNetworkPolicy);
  await chargeAttempt(deps.store, key("client", `${login}\0${network}`), clientPolicy);
}

/** Whether an app password still lets its program in: asked again after a hint. */
export async function isAppPasswordValid(
  deps: Pick<IdentityDeps, "store">,
  organizationId: string,
  appPasswordId: string,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM app_password w JOIN principal p ON p.organization_id = w.organization_id AND p.id = w.principal_id AND ${sql.raw(mayWorkOrSend)}
    WHERE w.organization_id = ${organizationId} AND w.id = ${appPasswordId} AND w.revoked_at IS NULL`.execute(
    deps.store.read,
  );
  return rows.length > 0;
}
