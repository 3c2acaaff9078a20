import type { Reader } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { readNumbers } from "../packed-columns.ts";
import { prepare } from "../prepared.ts";

// The account is asked of the mailbox: in the copies it stands beside the index, whose pages alone tell the uids.
const copies = `FROM mailbox_message c WHERE c.organization_id = $1::uuid AND c.mailbox_id = (
  SELECT b.id FROM mailbox b WHERE b.organization_id = $1::uuid AND b.id = $3::uuid AND b.account_id = $2::uuid)`;

const uids = prepare<{ uids: string | null }>(
  "selection_uids",
  `SELECT string_agg(s.uid::text, ',') AS uids FROM (SELECT c.uid ${copies} AND c.uid < $4::bigint ORDER BY c.uid) s`,
);

// The predicate of the index mailbox_message_keyword, word for word.
const keywords = prepare<{ flag: string }>(
  "selection_keywords",
  `SELECT DISTINCT flag FROM (
    SELECT unnest(c.flags) AS flag ${copies}
      AND NOT c.flags <@ '{"\\\\Seen","\\\\Answered","\\\\Flagged","\\\\Draft","\\\\Deleted"}'
  ) f WHERE left(flag, 1) <> '\\' ORDER BY flag`,
);

/** By the account's index of unseen copies: when they are few. */
const fewUnseen = prepare<{ uid: number | null }>(
  "selection_few_unseen",
  `SELECT min(c.uid) AS uid ${copies} AND c.account_id = $2::uuid AND c.uid < $4::bigint AND NOT c.flags @> '{"\\\\Seen"}'`,
);

/** From the first message on: when there are many. */
const manyUnseen = prepare<{ uid: number }>(
  "selection_many_unseen",
  `SELECT c.uid ${copies} AND c.uid < $4::bigint AND NOT c.flags @> '{"\\\\Seen"}' ORDER BY c.uid LIMIT 1`,
);

/**
 * What SELECT tells of a large mailbox, without reading what it does not: the uids, the keywords in use, the first unseen message.
 * @param mailbox its counts may be those of a moment ago: they only choose the way
 */
export async function selectLargeMailbox(
  reader: Reader,
  key: AccountKey,
  mailbox: { readonly id: string; readonly uidnext: number; readonly total: number; readonly unseen: number },
): Promise<{ uids: Float64Array; keywords: string[]; firstUnseenUid: number | null }> {
  const values = [key.organizationId, key.accountId, mailbox.id, mailbox.uidnext];
  const firstUnseen = mailbox.unseen * 10 < mailbox.total ? fewUnseen : manyUnseen;
  const [uidRows, flags, unseen] = await Promise.all([
    uids.execute(reader, values),
    keywords.execute(reader, values.slice(0, 3)),
    mailbox.unseen === 0 ? [] : firstUnseen.execute(reader, values),
  ]);
  return {
    uids: readNumbers(uidRows[0]?.uids ?? null),
    keywords: flags.map(({ flag }) => flag),
    firstUnseenUid: unseen[0]?.uid ?? null,
  };
}
