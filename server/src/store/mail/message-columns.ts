import type { Reader } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { readNumbers, readTexts, readUtf8, writeUids } from "../packed-columns.ts";
import { type Prepared, prepare } from "../prepared.ts";

/** What never changes of a copy and its message. `bytes`: the whole message, where it is a row (up to 64 KiB); `header` likewise. */
export type MessageColumn =
  | "size"
  | "receivedAt"
  | "saveDate"
  | "messageId"
  | "threadId"
  | "envelope"
  | "bodystructure"
  | "header"
  | "bytes";

/** Columns side by side, in the order of `uids`; those that were not asked for are empty. */
export interface MessageColumns {
  /** Those that exist, ascending. */
  readonly uids: readonly number[];
  readonly size: readonly number[];
  /** Seconds since 1970. */
  readonly receivedAt: readonly number[];
  readonly saveDate: readonly number[];
  readonly messageId: readonly string[];
  readonly threadId: readonly string[];
  readonly envelope: readonly Buffer[];
  readonly bodystructure: readonly Buffer[];
  /** Null: the bytes are in the blob store. */
  readonly header: readonly (Buffer | null)[];
  readonly bytes: readonly (Buffer | null)[];
}

interface Source {
  readonly sql: string;
  readonly from: "copy" | "message" | "blob";
  readonly kind: "number" | "uuid" | "utf8" | "bytes";
}

const sources: Record<MessageColumn, Source> = {
  size: { sql: "c.size", from: "copy", kind: "number" },
  receivedAt: { sql: "floor(date_part('epoch', c.received_at))::bigint", from: "copy", kind: "number" },
  saveDate: { sql: "floor(date_part('epoch', c.save_date))::bigint", from: "copy", kind: "number" },
  messageId: { sql: "c.message_id", from: "copy", kind: "uuid" },
  threadId: { sql: "c.thread_id", from: "copy", kind: "uuid" },
  envelope: { sql: "m.imap_envelope", from: "message", kind: "utf8" },
  bodystructure: { sql: "m.imap_bodystructure", from: "message", kind: "utf8" },
  header: { sql: "substring(b.data FROM 1 FOR (m.mime ->> 'headerEnd')::integer)", from: "blob", kind: "bytes" },
  bytes: { sql: "b.data", from: "blob", kind: "bytes" },
};
const names = Object.keys(sources) as MessageColumn[];

const nothing: MessageColumns = {
  uids: [],
  size: [],
  receivedAt: [],
  saveDate: [],
  messageId: [],
  threadId: [],
  envelope: [],
  bodystructure: [],
  header: [],
  bytes: [],
};

type Row = Record<string, never>;
const statements = new Map<string, Prepared<Row>>();

/**
 * Reads columns of copies: in one row of packed columns, or, with bytes, row by row.
 * @param uids ascending; of `bytes`, few: each may have 64 KiB
 * @returns maybe others in between, where it costs less to read them than to choose
 */
export async function selectMessageColumns(
  reader: Reader,
  key: AccountKey,
  mailboxId: string,
  uids: ArrayLike<number>,
  columns: ReadonlySet<MessageColumn>,
): Promise<MessageColumns> {
  const isPacked = !names.some((name) => columns.has(name) && sources[name].kind === "bytes");
  if (uids.length === 0) return nothing;
  const [first, last] = [uids[0]!, uids[uids.length - 1]!];
  const isRange = last - first < uids.length * (isPacked ? 2 : 1);
  const rows = await statementFor(columns, isPacked, isRange).execute(reader, [
    key.organizationId,
    key.accountId,
    mailboxId,
    ...(isRange ? [first, last] : [writeUids(uids)]),
  ]);
  const read = (name: string, kind: Source["kind"]): unknown[] => {
    const label = name.toLowerCase();
    if (!isPacked) {
      const values: unknown[] = rows.map((row) => row[label]);
      return kind === "utf8" ? values.map((value) => Buffer.from(value as string)) : values;
    }
    const packed = rows[0]?.[label] ?? null;
    if (kind === "number") return [...readNumbers(packed)];
    return kind === "uuid" ? readTexts(packed) : readUtf8(packed, rows[0]?.[`${label}_lengths`] ?? null);
  };
  const column = (name: MessageColumn): never[] =>
    columns.has(name) ? (read(name, sources[name].kind) as never[]) : [];
  return {
    uids: read("uids", "number") as number[],
    size: column("size"),
    receivedAt: column("receivedAt"),
    saveDate: column("saveDate"),
    messageId: column("messageId"),
    threadId: column("threadId"),
    envelope: column("envelope"),
    bodystructure: column("bodystructure"),
    header: column("header"),
    bytes: column("bytes"),
  };
}

function statementFor(columns: ReadonlySet<MessageColumn>, isPacked: boolean, isRange: boolean): Prepared<Row> {
  // By the positions of the columns: the server compares 63 characters of a name.
  const bits = names.map((each) => (columns.has(each) ? "1" : "0")).join("");
  const name = `message_columns_${isRange ? "range" : "chosen"}_${bits}`;
  const known = statements.get(name);
  if (known) return known;
  const wanted = names.filter((each) => columns.has(each));
  const from = new Set(wanted.map((each) => sources[each].from));
  const selected = wanted.map((each) => {
    const { sql, kind } = sources[each];
    return `${kind === "utf8" ? `convert_from(${sql}, 'UTF8')` : sql} AS ${each.toLowerCase()}`;
  });
  // Not `uid = ANY`: without statistics that is taken for a filter, which compares each copy with each uid.
  const chosen = isRange ? "" : "unnest($4::bigint[]) AS w (uid) JOIN";
  const rows = `SELECT ${["c.uid AS uids", ...selected].join(", ")} FROM ${chosen} mailbox_message c
    ${isRange ? "" : "ON c.organization_id = $1::uuid AND c.mailbox_id = $3::uuid AND c.uid = w.uid"}
    ${from.has("message") || from.has("blob") ? "JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id" : ""}
    ${from.has("blob") ? "JOIN blob b ON b.organization_id = m.organization_id AND b.id = m.blob_id" : ""}
    WHERE c.organization_id = $1::uuid AND c.account_id = $2::uuid AND c.mailbox_id = $3::uuid
      ${isRange ? "AND c.uid BETWEEN $4::bigint AND $5::bigint" : ""}
    ORDER BY c.uid`;
  const packed = wanted.flatMap((each) => {
    const column = each.toLowerCase();
    if (sources[each].kind !== "utf8") return [`string_agg(s.${column}::text, ',') AS ${column}`];
    return [
      `string_agg(s.${column}, '') AS ${column}`,
      `string_agg(octet_length(s.${column})::text, ',') AS ${column}_lengths`,
    ];
  });
  const text = `SELECT ${["string_agg(s.uids::text, ',') AS uids", ...packed].join(", ")} FROM (${rows}) s`;
  const prepared = prepare<Row>(name, isPacked ? text : rows);
  statements.set(name, prepared);
  return prepared;
}
