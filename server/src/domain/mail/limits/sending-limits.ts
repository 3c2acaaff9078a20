import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import { DomainError } from "../../errors.ts";
import type { PrincipalKey } from "../../identity/identity-deps.ts";
import { networkOf } from "../../identity/network-of.ts";
import { isSenderPaused, type PauseReason, pauseSender } from "./pause-sender.ts";
import {
  defaultSendingLimits,
  rateNames,
  readSendingRates,
  type SendingLimitSettings,
  type SendingRates,
} from "./sending-rates.ts";
import { SendingUsage, type Usage } from "./sending-usage.ts";

/**
 * How much our users may send, whatever they send it by: a stolen password must not ruin the name of a commune. Whoever passes a limit
 * is paused until an administrator looks at it.
 */
export class SendingLimits {
  readonly usage: SendingUsage;
  readonly #store: Store;
  readonly #settings: SendingLimitSettings;
  /** Networks that the database knows of already: "principal network" to when it was written. */
  readonly #knownNetworks = new Map<string, number>();

  constructor(store: Store, settings: SendingLimitSettings = defaultSendingLimits, log?: Logger) {
    this.#store = store;
    this.#settings = settings;
    this.usage = new SendingUsage(store, log);
  }

  /** @throws DomainError `sending_limited` while the person is paused */
  async requireNotPaused(person: PrincipalKey): Promise<void> {
    if (await isSenderPaused(this.#store.read, person))
      throw limited("Sending is paused for you, ask your administrator", true);
  }

  /**
   * Counts a message before it is taken. To be called once for each message.
   * @throws DomainError `sending_limited` when it would pass a limit: the person's pauses them (data.isPaused), the organization's does not
   */
  async admit(person: PrincipalKey, recipients: number): Promise<void> {
    await this.requireNotPaused(person);
    const [rates, used] = await Promise.all([
      readSendingRates(this.#store.read, this.#settings, person),
      this.usage.read(this.#store.read, person),
    ]);
    const unknownLimit = this.#settings.unknownRecipientsPerHour;
    if (unknownLimit > 0 && used.person.hour.unknownRecipients > unknownLimit) {
      await this.#pause(person, "unknown_recipients", `limite de destinataires inconnus par heure : ${unknownLimit}`);
    }
    const exceeded = findExceeded(rates.person, used.person, recipients);
    if (exceeded) {
      const detail = `limite de ${rateUnits[exceeded]} : ${rates.person[exceeded]}`;
      await this.#pause(person, exceeded.startsWith("messages") ? "messages" : "recipients", detail);
    }
    if (findExceeded(rates.organization, used.organization, recipients)) {
      throw limited("Your organization has sent too much in a short time, try again later", false);
    }
    this.usage.add(person, { messages: 1, recipients });
  }

  /**
   * Counts a recipient that does not exist here; those elsewhere are counted when another server says so.
   * @throws DomainError `sending_limited` when there were too many
   */
  async noteUnknownRecipient(person: PrincipalKey): Promise<void> {
    this.usage.add(person, { unknownRecipients: 1 });
    const limit = this.#settings.unknownRecipientsPerHour;
    if (limit === 0) return;
    const used = await this.usage.read(this.#store.read, person);
    const count = used.person.hour.unknownRecipients;
    if (count > limit)
      await this.#pause(person, "unknown_recipients", `limite de destinataires inconnus par heure : ${limit}`);
  }

  /**
   * Notes from where somebody signs in to send.
   * @throws DomainError `sending_limited` when it is from too many networks in an hour
   */
  async noteNetwork(person: PrincipalKey, remoteAddress: string): Promise<void> {
    const network = networkOf(remoteAddress);
    const id = `${person.principalId} ${network}`;
    const now = Date.now();
    if (now - (this.#knownNetworks.get(id) ?? 0) < 600_000) return;
    if (this.#knownNetworks.size > 50_000) this.#knownNetworks.clear();
    this.#knownNetworks.set(id, now);
    const { rows } = await this.#store.transact((tx) =>
      sql<{ networks: number }>`
        WITH noted AS (
          INSERT INTO sending_network (organization_id, principal_id, network) VALUES (${person.organizationId}, ${person.principalId}, ${network})
          ON CONFLICT (organization_id, principal_id, network) DO UPDATE SET last_seen_at = now())
        SELECT 1 + count(*)::int AS networks FROM sending_network
        WHERE organization_id = ${person.organizationId} AND principal_id = ${person.principalId}
          AND network <> ${network} AND last_seen_at > now() - interval '1 hour'`.execute(tx),
    );
    const limit = this.#settings.networksPerHour;
    if (limit > 0 && rows[0]!.networks > limit)
      await this.#pause(person, "networks", `limite de réseaux par heure : ${limit}`);
  }

  /** Forgets counts that no limit looks at any more. */
  async purge(): Promise<number> {
    const { numAffectedRows } = await this.#store.transact(async (tx) => {
      await sql`DELETE FROM sending_network WHERE last_seen_at < now() - interval '1 day'`.execute(tx);
      return sql`DELETE FROM sending_usage WHERE span < now() - interval '2 days'`.execute(tx);
    });
    return Number(numAffectedRows ?? 0n);
  }

  async #pause(person: PrincipalKey, reason: PauseReason, detail: string): Promise<never> {
    // So that resuming forgets all of it.
    await this.usage.flush();
    await pauseSender(this.#store, person, reason, detail);
    throw limited("You have sent too much in a short time: sending is paused, ask your administrator", true);
  }
}

/** For the person and the administrator who are told. */
const rateUnits: Readonly<Record<keyof SendingRates, string>> = {
  messagesPerHour: "messages par heure",
  messagesPerDay: "messages par jour",
  recipientsPerHour: "destinataires par heure",
  recipientsPerDay: "destinataires par jour",
};

function findExceeded(rates: SendingRates, used: Usage, recipients: number): keyof SendingRates | undefined {
  const after: SendingRates = {
    messagesPerHour: used.hour.messages + 1,
    messagesPerDay: used.day.messages + 1,
    recipientsPerHour: used.hour.recipients + recipients,
    recipientsPerDay: used.day.recipients + recipients,
  };
  return rateNames.find((name) => rates[name] > 0 && after[name] > rates[name]);
}

function limited(text: string, isPaused: boolean): DomainError {
  return new DomainError("sending_limited", text, { data: { isPaused } });
}
