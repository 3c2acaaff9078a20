import { sql } from "kysely";
import type { MimePart } from "../../../formats/mime/mime-part.ts";
import type { Transactor } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { enqueue, type OutboxRow } from "../../../store/outbox/outbox.ts";
import type { MailDeps } from "../model.ts";
import { organizationMemory } from "./classify-message.ts";
import { extractFeatures, hashFeatures } from "./extract-features.ts";
import { type TrainingOrder, trainingTopic, type Verdict } from "./training-order.ts";

/** Messages of one transaction. */
const batch = 20;

/**
 * Outbox handler: learns the messages that someone put into Junk or took out of it, a few, and writes a row for the others. Each
 * message counts once for an account, whatever is done how often; the opposite verdict takes the first one back.
 */
export function trainingHandler(deps: Pick<MailDeps, "blobs">): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { organizationId, payload }) => {
    const order = payload as TrainingOrder;
    const rest = order.messageIds.slice(batch);
    if (rest.length > 0) {
      await enqueue(tx, { topic: trainingTopic, organizationId, payload: { ...order, messageIds: rest } });
    }
    const key = { organizationId, accountId: order.accountId };
    const messages = await sql<{ id: string; blob_id: string; mime: MimePart }>`
      SELECT id, blob_id, mime FROM message
      WHERE organization_id = ${organizationId} AND account_id = ${order.accountId}
        AND id = ANY(${order.messageIds.slice(0, batch)}::uuid[])
      ORDER BY id`.execute(tx);
    for (const message of messages.rows) {
      const source = await deps.blobs.open(tx, organizationId, message.blob_id);
      if (!source) continue;
      const features = await extractFeatures({
        root: message.mime,
        read: async (start, end) => Buffer.concat(await source.open({ start, end }).toArray()),
      });
      await learn(tx, key, message.id, order.verdict, hashFeatures(features));
    }
  };
}

/** Learns one message, in the account's memory and the organization's. @param tokens of `hashFeatures` */
export async function learn(
  tx: Transactor,
  key: AccountKey,
  messageId: string,
  verdict: Verdict,
  tokens: readonly string[],
): Promise<void> {
  const known = await sql<{ verdict: Verdict; tokens: string[] }>`
    SELECT verdict, tokens::text[] AS tokens FROM spam_training
    WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND message_id = ${messageId}
    FOR UPDATE`.execute(tx);
  const before = known.rows[0];
  if (before?.verdict === verdict) return;
  if (before) await add(tx, key, before.verdict, before.tokens, -1);
  await add(tx, key, verdict, tokens, 1);
  await sql`
    INSERT INTO spam_training (organization_id, account_id, message_id, verdict, tokens)
    VALUES (${key.organizationId}, ${key.accountId}, ${messageId}, ${verdict}, ${tokens as string[]}::bigint[])
    ON CONFLICT (organization_id, account_id, message_id)
    DO UPDATE SET verdict = excluded.verdict, tokens = excluded.tokens, learned_at = now()`.execute(tx);
}

/** Rows are locked in the order of the account, then the token, by every learner. */
async function add(
  tx: Transactor,
  key: AccountKey,
  verdict: Verdict,
  tokens: readonly string[],
  amount: 1 | -1,
): Promise<void> {
  const spam = verdict === "spam" ? amount : 0;
  const ham = verdict === "ham" ? amount : 0;
  for (const accountId of [organizationMemory, key.accountId]) {
    await sql`
      INSERT INTO spam_corpus AS c (organization_id, account_id, spam, ham)
      VALUES (${key.organizationId}, ${accountId}, ${Math.max(0, spam)}, ${Math.max(0, ham)})
      ON CONFLICT (organization_id, account_id)
      DO UPDATE SET spam = greatest(0, c.spam + ${spam}), ham = greatest(0, c.ham + ${ham})`.execute(tx);
    await sql`
      INSERT INTO spam_token AS t (organization_id, account_id, token, spam, ham)
      SELECT ${key.organizationId}::uuid, ${accountId}::uuid, n.token, ${Math.max(0, spam)}::int, ${Math.max(0, ham)}::int
      FROM unnest(${tokens as string[]}::bigint[]) AS n (token) ORDER BY n.token
      ON CONFLICT (organization_id, account_id, token)
      DO UPDATE SET spam = greatest(0, t.spam + ${spam}), ham = greatest(0, t.ham + ${ham}),
        last_learned_on = current_date`.execute(tx);
  }
}
