import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import { DomainError } from "../../errors.ts";
import { signOwnMail } from "../submission/sign-own-mail.ts";
import type { TraceOutcome } from "../trace/trace-entry.ts";
import { composeRefusalReport } from "./compose-refusal-report.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import { MessageRoute } from "./message-route.ts";
import type { Refusal } from "./plan-account.ts";
import type { Delivery, OrganizationDelivery, RecipientOutcome } from "./prepared-delivery.ts";
import { proofOfSender } from "./proof-of-sender.ts";

/** Whom an outcome is about. */
interface NamedRecipient {
  organizationId: string;
  address: string;
}

/** A delivery as it is being prepared: what each organization gets, and what is answered for each recipient. */
export class DeliveryDraft {
  readonly message: IncomingMessage;
  readonly way: MessageRoute;
  /** The sender's server can still be told no: the message came by SMTP, for one recipient alone. */
  readonly mayRefuse: boolean;
  readonly organizations = new Map<string, OrganizationDelivery>();
  readonly outcomes: (RecipientOutcome & { organizationId: string })[] = [];
  readonly #deps: DeliveryDeps;
  readonly #recipients: Delivery["recipients"];

  constructor(deps: DeliveryDeps, delivery: Delivery) {
    this.message = delivery;
    this.way = new MessageRoute(deps, this.message);
    this.mayRefuse = delivery.arrival === "received" && delivery.recipients.length === 1;
    this.#deps = deps;
    this.#recipients = delivery.recipients;
  }

  /** What an organization gets, with a blob of its own: a blob belongs to one organization. */
  async placeFor(organizationId: string): Promise<OrganizationDelivery> {
    const known = this.organizations.get(organizationId);
    if (known) return known;
    const { staged } = this.message;
    const place: OrganizationDelivery = {
      staged: this.organizations.size === 0 ? staged : await stageAgain(this.#deps, staged),
      plans: [],
      later: [],
      holds: [],
      sends: [],
      outside: [],
      forwardCopy: undefined,
    };
    this.organizations.set(organizationId, place);
    return place;
  }

  tell({ organizationId, address }: NamedRecipient, outcome: TraceOutcome, status = "2.0.0", text = ""): void {
    this.outcomes.push({ organizationId, address, outcome, status, text });
  }

  /**
   * Refuses the message for one recipient: in the dialogue where that is still possible, otherwise by a report to the sender.
   * @param isReported nobody is to be told: the refusal has a report of its own, or wants none
   * @throws DomainError `message_refused` (data.status) when the sender's server is told
   */
  async refuse(recipient: NamedRecipient, refusal: Refusal, isReported = false): Promise<void> {
    const isProved = proofOfSender(this.message) === "proved";
    if (this.mayRefuse && !(refusal.isForReport && isProved)) {
      throw new DomainError("message_refused", refusal.text, {
        data: { status: refusal.status, text: refusal.text },
        detail: recipient.address,
      });
    }
    this.tell(recipient, "refused", refusal.status, refusal.text);
    // A report to a sender that anyone may have forged would go to somebody who wrote nothing.
    if (isReported || !isProved || this.message.sender === "" || this.message.arrival === "notification") return;
    if (this.#wantsFailures(recipient.address)) await this.#sendReport(recipient, refusal);
  }

  /** RFC 3461 section 4.1: a sender may ask not to hear of failures. */
  #wantsFailures(address: string): boolean {
    const at = this.#recipients.findIndex((each) => each.address === address);
    const notify = this.message.envelope?.recipients[at]?.notify;
    return !notify || notify.includes("FAILURE");
  }

  async #sendReport(recipient: NamedRecipient, refusal: Refusal): Promise<void> {
    const { message } = this;
    const report = composeRefusalReport({
      hostName: this.#deps.hostName,
      sender: message.sender,
      recipient: recipient.address,
      status: refusal.status,
      text: refusal.text,
      reason: "Le destinataire ou les règles de sa messagerie ne l’acceptent pas.",
      message: message.analyzed,
      header: await this.way.header(),
      receivedAt: message.receivedAt,
    });
    (await this.placeFor(recipient.organizationId)).sends.push({
      returnPath: "",
      recipients: [message.sender],
      staged: await this.#deps.blobs.stage(report),
      isEightBit: true,
      isSmtpUtf8: false,
      isOnward: false,
      prependedHeaders: await signOwnMail(this.#deps, recipient.address, report),
    });
  }
}

async function stageAgain(deps: Pick<DeliveryDeps, "blobs">, staged: StagedBlob): Promise<StagedBlob> {
  return deps.blobs.stage(staged.data ?? deps.blobs.storage.read(staged.id));
}
