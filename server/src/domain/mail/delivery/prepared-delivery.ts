import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { MessageContent } from "../message-content.ts";
import type { TraceOutcome } from "../trace/trace-entry.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { ForwardCopy } from "./message-route.ts";
import type { AccountPlan, OutgoingMail, PlannedAccount } from "./plan-account.ts";
import type { ResolvedRecipient } from "./resolve-recipient.ts";

export interface Delivery extends IncomingMessage {
  readonly recipients: readonly ResolvedRecipient[];
  /** Moderated groups that let the message through already. */
  readonly acceptedBy?: readonly string[];
  /** Who had the message before and is left out: account ids, and addresses elsewhere. */
  readonly reached?: { readonly accounts: readonly string[]; readonly addresses: readonly string[] };
}

/** What became of the message for one of the recipients that the sender named. */
export interface RecipientOutcome {
  address: string;
  outcome: TraceOutcome;
  /** RFC 3463. */
  status: string;
  /** One line; empty when there is nothing to say. */
  text: string;
}

/** A moderated group that must let the message through. */
export interface Hold {
  groupId: string;
  /** As the sender wrote the address that led to it. */
  address: string;
  acceptedBy: readonly string[];
}

export interface OrganizationDelivery {
  staged: StagedBlob;
  plans: AccountPlan[];
  /** Of large groups, with the address that led to each. */
  later: PlannedAccount[];
  holds: Hold[];
  sends: OutgoingMail[];
  /** Addresses elsewhere among `sends`. */
  outside: string[];
  forwardCopy: ForwardCopy | undefined;
}

export interface PreparedDelivery {
  message: IncomingMessage;
  content: MessageContent;
  organizations: ReadonlyMap<string, OrganizationDelivery>;
  outcomes: readonly (RecipientOutcome & { organizationId: string })[];
}
