import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { type Counts, scoreTokens } from "./score-tokens.ts";

/** The memory that all accounts of an organization share has this for its account. */
export const organizationMemory = "00000000-0000-0000-0000-000000000000";

/** A message that a person sorted counts as much, for that person, as this many that others sorted. */
const personWeight = 10;

/** What one memory has learned. */
export interface CorpusSize {
  /** Or `organizationMemory`. */
  accountId: string;
  spam: number;
  ham: number;
}

/**
 * The probability that a message is spam for an account, from what the organization learned and, weighing more, the account.
 * @param minimumLearned messages of each kind that must have been learned
 * @param corpora what both have learned
 * @param tokensOf what `hashFeatures` makes of the message; asked for only when enough was learned
 * @returns undefined while too little was learned
 */
export async function classifyMessage(
  reader: Reader,
  account: AccountKey,
  minimumLearned: number,
  corpora: readonly CorpusSize[],
  tokensOf: () => Promise<readonly string[]>,
): Promise<number | undefined> {
  const accounts = [organizationMemory, account.accountId];
  const shared = corpora.find((each) => each.accountId === organizationMemory);
  if (!shared || shared.spam < minimumLearned || shared.ham < minimumLearned) return undefined;
  const tokens = await tokensOf();
  const found = await sql<{ account_id: string; token: string; spam: number; ham: number }>`
    SELECT account_id, token::text AS token, spam, ham FROM spam_token
    WHERE organization_id = ${account.organizationId} AND account_id = ANY(${accounts}::uuid[])
      AND token = ANY(${tokens as string[]}::bigint[])`.execute(reader);
  const counts = new Map<string, Counts>();
  for (const { account_id: accountId, token, ...row } of found.rows) {
    counts.set(token, sum(counts.get(token), weighed({ accountId, ...row })));
  }
  const corpus = corpora.map(weighed).reduce(sum);
  return scoreTokens(counts.values(), corpus);
}

/** What the account sorted is in the organization's memory too, once: the rest of its weight is added here. */
function weighed(row: CorpusSize): Counts {
  const weight = row.accountId === organizationMemory ? 1 : personWeight - 1;
  return { spam: row.spam * weight, ham: row.ham * weight };
}

function sum(a: Counts | undefined, b: Counts): Counts {
  return { spam: (a?.spam ?? 0) + b.spam, ham: (a?.ham ?? 0) + b.ham };
}
