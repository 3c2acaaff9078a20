import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import type { OutboxRow } from "../../../store/outbox/outbox.ts";
import { addMessages } from "../add-messages.ts";
import { composeNotice } from "../compose-notice.ts";
import { beginNotice } from "../delivery/begin-notice.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import type { ResolvedRecipient } from "../delivery/resolve-recipient.ts";
import { domainOf } from "../domain-of.ts";
import { longDate } from "../long-date.ts";
import type { OutageOrder, ScannerName } from "./scanner-outage.ts";

const consequences: Readonly<Record<ScannerName, { name: string; text: string }>> = {
  antivirus: {
    name: "L’antivirus (clamd)",
    text:
      "Tant qu’il ne répond pas, les messages qui arrivent de l’extérieur sont différés (451 4.7.1) : les serveurs qui les " +
      "envoient réessaient. Ceux que vos utilisateurs envoient sont acceptés et attendent dans la file d’envoi. " +
      "Les fichiers déposés dans l’espace de fichiers sont refusés pour le moment (503) : les logiciels de synchronisation les renvoient.",
  },
  antispam: {
    name: "L’antispam (rspamd)",
    text: "Tant qu’il ne répond pas, le classement intégré décide seul : aucun message n’est retardé.",
  },
};

/** Outbox handler: tells each person who has the operator's role, in their mailbox, that a scanner does not answer. */
export function outageHandler(deps: DeliveryDeps): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { payload }) => {
    const order = payload as OutageOrder;
    const people = await sql<{
      organization_id: string;
      account_id: string;
      inbox_id: string;
      address: string;
      time_zone: string;
    }>`
      SELECT a.organization_id, a.id AS account_id, m.id AS inbox_id, d.address, p.time_zone FROM principal_role r
      JOIN principal p ON p.organization_id = r.organization_id AND p.id = r.principal_id AND p.state = 'active'
      JOIN account a ON a.organization_id = p.organization_id AND a.owner_id = p.id AND a.deleted_at IS NULL
      JOIN mailbox m ON m.organization_id = a.organization_id AND m.account_id = a.id AND m.role = 'inbox' AND m.deleted_at IS NULL
      JOIN address d ON d.organization_id = p.organization_id AND d.principal_id = p.id AND d.kind = 'primary'
      WHERE r.role = 'operator' ORDER BY d.address`.execute(tx);
    const [first] = people.rows;
    if (!first) return;
    const now = new Date();
    const { name, text } = consequences[order.scanner];
    const bytes = composeNotice({
      to: undefined,
      domain: domainOf(first.address),
      subject: `${name} ne répond plus`,
      date: now,
      hostName: deps.hostName,
      text: [
        `${name} ne répond plus depuis le ${longDate(new Date(order.beganAt), first.time_zone)}.`,
        text,
        `Ce qu’il a répondu en dernier : ${order.detail.replace(/\p{Cc}+/gu, " ")}`,
        "Vous ne recevrez pas d’autre message pour cette panne.",
        "",
      ].join("\n\n"),
    });
    const recipients = people.rows.map(
      (row): ResolvedRecipient => ({
        kind: "account",
        organizationId: row.organization_id,
        accountId: row.account_id,
        inboxId: row.inbox_id,
        address: row.address,
      }),
    );
    await addMessages(tx, await beginNotice(tx, deps, bytes, recipients, now));
  };
}
