import { sql } from "kysely";
import type { Reader, Store } from "../../../store/database.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { PrincipalKey } from "../../identity/identity-deps.ts";
import { wholeOrganization } from "./sending-rates.ts";

export interface Sent {
  readonly messages: number;
  readonly recipients: number;
  readonly unknownRecipients: number;
}

export interface Usage {
  readonly hour: Sent;
  readonly day: Sent;
}

const flushMs = 1_000;
const spanMinutes = 10;

/**
 * Counts what people send, for every copy of the program: in memory at once, in the database within a second, in one statement for
 * all that was counted meanwhile. Copies together may so pass a limit by what they take in a second.
 */
export class SendingUsage {
  readonly #store: Store;
  readonly #log: Logger | undefined;
  #waiting = new Map<string, PrincipalKey & { -readonly [Name in keyof Sent]: number }>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: Store, log?: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** Counts for the person and for their organization. */
  add(person: PrincipalKey, sent: Partial<Sent>): void {
    for (const principalId of [person.principalId, wholeOrganization]) {
      const id = `${person.organizationId} ${principalId}`;
      const kept = this.#waiting.get(id);
      const { messages = 0, recipients = 0, unknownRecipients = 0 } = sent;
      if (kept) {
        kept.messages += messages;
        kept.recipients += recipients;
        kept.unknownRecipients += unknownRecipients;
      } else {
        const key = { organizationId: person.organizationId, principalId };
        this.#waiting.set(id, { ...key, messages, recipients, unknownRecipients });
      }
    }
    this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref();
  }

  /** What was sent in the last hour and day, in steps of ten minutes, with what is still counted here only. */
  async read(reader: Reader, person: PrincipalKey): Promise<{ person: Usage; organization: Usage }> {
    await this.#writing;
    const { rows } = await sql<{ principal_id: string } & Record<string, number>>`
      SELECT principal_id, sum(messages)::int AS dm, sum(recipients)::int AS dr, sum(unknown_recipients)::int AS du,
        coalesce(sum(messages) FILTER (WHERE span > now() - interval '1 hour'), 0)::int AS hm,
        coalesce(sum(recipients) FILTER (WHERE span > now() - interval '1 hour'), 0)::int AS hr,
        coalesce(sum(unknown_recipients) FILTER (WHERE span > now() - interval '1 hour'), 0)::int AS hu
      FROM sending_usage WHERE organization_id = ${person.organizationId}
        AND principal_id IN (${person.principalId}, ${wholeOrganization}) AND span > now() - interval '1 day'
      GROUP BY principal_id`.execute(reader);
    const of = (principalId: string): Usage => {
      const row = rows.find((each) => each.principal_id === principalId);
      const waiting = this.#waiting.get(`${person.organizationId} ${principalId}`);
      const sum = (prefix: "h" | "d"): Sent => ({
        messages: Number(row?.[`${prefix}m`] ?? 0) + (waiting?.messages ?? 0),
        recipients: Number(row?.[`${prefix}r`] ?? 0) + (waiting?.recipients ?? 0),
        unknownRecipients: Number(row?.[`${prefix}u`] ?? 0) + (waiting?.unknownRecipients ?? 0),
      });
      return { hour: sum("h"), day: sum("d") };
    };
    return { person: of(person.principalId), organization: of(wholeOrganization) };
  }

  /** Writes what waits. Never throws: what cannot be written is kept for the next time. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    const counted = [...this.#waiting.values()];
    if (counted.length === 0) return;
    this.#waiting = new Map();
    // In one order, so that two copies wait for each other and never both.
    counted.sort((a, b) => (a.organizationId + a.principalId < b.organizationId + b.principalId ? -1 : 1));
    try {
      await this.#store.transact((tx) =>
        sql`
          INSERT INTO sending_usage AS u (organization_id, principal_id, span, messages, recipients, unknown_recipients)
          SELECT o, p, date_bin(make_interval(mins => ${spanMinutes}), now(), 'epoch'), m, r, k
          FROM unnest(${counted.map((each) => each.organizationId)}::uuid[], ${counted.map((each) => each.principalId)}::uuid[],
            ${counted.map((each) => each.messages)}::int[], ${counted.map((each) => each.recipients)}::int[],
            ${counted.map((each) => each.unknownRecipients)}::int[]) AS c (o, p, m, r, k)
          ON CONFLICT (organization_id, principal_id, span) DO UPDATE SET messages = u.messages + excluded.messages,
            recipients = u.recipients + excluded.recipients, unknown_recipients = u.unknown_recipients + excluded.unknown_recipients`.execute(
          tx,
        ),
      );
    } catch (error) {
      this.#log?.warn({ error }, "what was sent could not be counted yet");
      for (const { organizationId, principalId, ...sent } of counted) {
        const id = `${organizationId} ${principalId}`;
        const later = this.#waiting.get(id);
        this.#waiting.set(id, {
          organizationId,
          principalId,
          messages: sent.messages + (later?.messages ?? 0),
          recipients: sent.recipients + (later?.recipients ?? 0),
          unknownRecipients: sent.unknownRecipients + (later?.unknownRecipients ?? 0),
        });
      }
      this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref();
    }
  }
}
