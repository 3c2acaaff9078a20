import { type RawBuilder, sql } from "kysely";
import { isUuid } from "../../../store/uuid.ts";

export type RecipientState = "queued" | "held" | "sent" | "failed" | "canceled";

/** Which recipients of the queue; what is absent does not narrow. */
export interface QueueSelection {
  organizationId?: string;
  /** The account that sends. */
  accountId?: string;
  outboundId?: string;
  /** Of the recipient. */
  domain?: string;
  /** Return path; `<>` for notifications. */
  sender?: string;
  states?: readonly RecipientState[];
  heldReason?: string;
}

/** A condition on `outbound_recipient r` and `outbound_message m`. */
export function selectionCondition(selection: QueueSelection): RawBuilder<boolean> {
  const { organizationId, accountId, outboundId, domain, sender, states, heldReason } = selection;
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (organizationId !== undefined) conditions.push(sql`r.organization_id = ${organizationId}`);
  if (accountId !== undefined) conditions.push(sql`m.account_id = ${accountId}`);
  // What an operator types may be no id at all.
  if (outboundId !== undefined) conditions.push(isUuid(outboundId) ? sql`r.outbound_id = ${outboundId}` : sql`false`);
  if (domain !== undefined) conditions.push(sql`r.domain = ${domain.toLowerCase()}`);
  if (sender !== undefined) conditions.push(sql`lower(m.return_path) = ${sender === "<>" ? "" : sender.toLowerCase()}`);
  if (states !== undefined) conditions.push(sql`r.state = ANY(${[...states]})`);
  if (heldReason !== undefined) conditions.push(sql`r.held_reason = ${heldReason}`);
  return sql<boolean>`${sql.join(conditions, sql` AND `)}`;
}
