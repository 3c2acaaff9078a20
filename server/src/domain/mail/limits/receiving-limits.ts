import { RateCounter } from "./rate-counter.ts";

/** 0: no limit. Each copy of the program counts for itself. */
export interface ReceivingRates {
  /** New connections of one network a minute. */
  readonly connectionsPerMinute: number;
  /** Messages of one network a minute. */
  readonly messagesPerMinute: number;
  /** Messages of one return path an hour. */
  readonly messagesPerSenderAndHour: number;
  /** Recipients of one organization a minute. */
  readonly recipientsPerOrganizationAndMinute: number;
}

export const noRates: ReceivingRates = {
  connectionsPerMinute: 0,
  messagesPerMinute: 0,
  messagesPerSenderAndHour: 0,
  recipientsPerOrganizationAndMinute: 0,
};

/** How much mail from outside is taken at once, so that one who floods leaves room for the others. */
export class ReceivingLimits {
  readonly #rates: ReceivingRates;
  readonly #connections = new RateCounter(60_000);
  readonly #messages = new RateCounter(60_000);
  readonly #senders = new RateCounter(3_600_000);
  readonly #organizations = new RateCounter(60_000);

  constructor(rates: ReceivingRates) {
    this.#rates = rates;
  }

  /** Counts a connection. @returns false when it is one too many: 421 4.7.0 */
  admitConnection(network: string): boolean {
    return admit(this.#connections, network, this.#rates.connectionsPerMinute);
  }

  /** Counts a message at MAIL. @returns what was exceeded, for 450 4.7.1 */
  admitMessage(network: string, sender: string): "network" | "sender" | undefined {
    if (!admit(this.#messages, network, this.#rates.messagesPerMinute)) return "network";
    // Notifications come from everywhere with the same empty sender.
    if (sender === "") return undefined;
    return admit(this.#senders, sender.toLowerCase(), this.#rates.messagesPerSenderAndHour) ? undefined : "sender";
  }

  /** Counts a recipient at RCPT. @returns false when the organization gets too much at once: 450 4.7.1 */
  admitRecipient(organizationId: string): boolean {
    return admit(this.#organizations, organizationId, this.#rates.recipientsPerOrganizationAndMinute);
  }
}

/** What is refused is not counted: who slows down is let in again. */
function admit(counter: RateCounter, key: string, limit: number): boolean {
  if (limit === 0) return true;
  if (counter.count(key) + 1 > limit) return false;
  counter.add(key);
  return true;
}
