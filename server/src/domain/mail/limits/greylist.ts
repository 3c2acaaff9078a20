import { isIPv4 } from "node:net";
import { sql } from "kysely";
import { spf } from "mailauth/lib/spf/index.js";
import type { Store } from "../../../store/database.ts";
import { networkOf } from "../../identity/network-of.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";
import { domainOf } from "../domain-of.ts";
import { type Resolver, resolveAny } from "../resolver.ts";
import { startDnsBudget } from "../screening/authenticate-message.ts";

export interface GreylistDeps {
  readonly store: Store;
  readonly secrets: Pick<ServerSecrets, "hashToken">;
  readonly resolver: Resolver;
  /** Seconds before a try is taken for one that comes back; 300 unless told. */
  readonly delaySeconds?: number;
}

export interface GreylistedTry {
  readonly remoteAddress: string;
  readonly helo: string;
  /** The return path; empty for a notification. */
  readonly sender: string;
  readonly recipient: string;
}

const spfBudgetMs = 1_500;
/** A server that came back once is believed for the whole domain of the sender. */
const keepDays = 35;
/** Days during which the second try must come. */
const retryDays = 2;

/**
 * Greylisting: the first message of an unknown network, sender and recipient is put off; servers try again, most spam does not. Once
 * a try has come back, every address of the sender's domain passes from this network. Who is authorized by SPF is not put off. The
 * database keeps HMACs, not addresses.
 * @returns false: answer 450 4.7.1
 */
export async function passesGreylist(deps: GreylistDeps, attempt: GreylistedTry): Promise<boolean> {
  const network = isIPv4(attempt.remoteAddress)
    ? attempt.remoteAddress.replace(/\.\d+$/, ".0/24")
    : networkOf(attempt.remoteAddress);
  const sender = attempt.sender.toLowerCase();
  const domain = domainOf(sender);
  const known = deps.secrets.hashToken("greylist", `${network}\0${domain}`);
  const triplet = deps.secrets.hashToken("greylist", `${network}\0${sender}\0${attempt.recipient.toLowerCase()}`);
  const delay = deps.delaySeconds ?? 300;
  if (await isKnown(deps.store, known)) return true;
  if (await isAuthorized(deps.resolver, attempt)) return true;
  return deps.store.transact(async (tx) => {
    const { rows } = await sql<{ passed: boolean }>`
      INSERT INTO greylist AS g (key) VALUES (${triplet})
      ON CONFLICT (key) DO UPDATE SET last_seen_at = now(),
        first_seen_at = CASE WHEN g.passed_at IS NULL AND g.first_seen_at < now() - make_interval(days => ${retryDays})
          THEN now() ELSE g.first_seen_at END,
        passed_at = coalesce(g.passed_at, CASE WHEN g.first_seen_at
          BETWEEN now() - make_interval(days => ${retryDays}) AND now() - make_interval(secs => ${delay}::float8) THEN now() END)
      RETURNING passed_at IS NOT NULL AS passed`.execute(tx);
    const passed = rows[0]!.passed;
    // Notifications have no domain that could be believed.
    if (passed && domain !== "") {
      await sql`
        INSERT INTO greylist (key, passed_at) VALUES (${known}, now())
        ON CONFLICT (key) DO UPDATE SET last_seen_at = now(), passed_at = now()`.execute(tx);
    }
    return passed;
  });
}

/** A network that is believed stays so while it writes; the date is moved at most daily. */
async function isKnown(store: Store, key: Buffer): Promise<boolean> {
  const row = await store.read
    .selectFrom("greylist")
    .select(sql<boolean>`last_seen_at < now() - interval '1 day'`.as("isStale"))
    .where("key", "=", key)
    .where("passed_at", "is not", null)
    .executeTakeFirst();
  if (row?.isStale) {
    await store.transact((tx) => sql`UPDATE greylist SET last_seen_at = now() WHERE key = ${key}`.execute(tx));
  }
  return row !== undefined;
}

async function isAuthorized(resolver: Resolver, { sender, remoteAddress, helo }: GreylistedTry): Promise<boolean> {
  if (sender === "") return false;
  const budget = startDnsBudget(spfBudgetMs);
  try {
    const resolve = (name: string, type: string) =>
      budget.within(resolveAny(resolver, name, type)) as Promise<string[]>;
    const result = await spf({ resolver: resolve, ip: remoteAddress, helo, sender, mta: "localhost", strict: true });
    return result && result.status.result === "pass";
  } catch {
    return false;
  } finally {
    budget.end();
  }
}

/** Forgets tries that never came back, and networks that have not written for 35 days. @returns how many rows */
export async function purgeGreylist(store: Store): Promise<number> {
  const { numAffectedRows } = await store.transact((tx) =>
    sql`DELETE FROM greylist WHERE last_seen_at < now() - make_interval(days => ${keepDays})
      OR (passed_at IS NULL AND last_seen_at < now() - make_interval(days => ${retryDays}))`.execute(tx),
  );
  return Number(numAffectedRows ?? 0n);
}
