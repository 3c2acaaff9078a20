import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { encodeHeaderText } from "../../../formats/delivery-status/encode-header-text.ts";
import type { Transactor } from "../../../store/database.ts";
import type { OutboxRow } from "../../../store/outbox/outbox.ts";
import { addMessages } from "../add-messages.ts";
import { beginDelivery } from "../delivery/deliver-message.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { prepareDelivery } from "../delivery/prepare-delivery.ts";
import { stageIncoming } from "../delivery/stage-incoming.ts";
import type { OutageOrder, ScannerName } from "./scanner-outage.ts";

const consequences: Readonly<Record<ScannerName, { name: string; text: string }>> = {
  antivirus: {
    name: "L’antivirus (clamd)",
    text:
      "Tant qu’il ne répond pas, les messages qui arrivent de l’extérieur sont différés (451 4.7.1) : les serveurs qui les " +
      "envoient réessaient. Ceux que vos utilisateurs envoient sont acceptés et attendent dans la file d’envoi.",
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
    if (people.rows.length === 0) return;
    const now = new Date();
    const bytes = composeOutage(order, {
      domain: people.rows[0]!.address.split("@")[1]!,
      timeZone: people.rows[0]!.time_zone,
      now,
    });
    const made = await stageIncoming(
      deps,
      (async function* () {
        yield bytes;
      })(),
    );
    const prepared = await prepareDelivery(deps, {
      arrival: "notification",
      sender: "",
      ...made,
      receivedAt: now,
      recipients: people.rows.map((row) => ({
        kind: "account",
        organizationId: row.organization_id,
        accountId: row.account_id,
        inboxId: row.inbox_id,
        address: row.address,
      })),
    });
    await addMessages(tx, await beginDelivery(tx, deps, prepared));
  };
}

function composeOutage(
  { scanner, beganAt, detail }: OutageOrder,
  { domain, timeZone, now }: { domain: string; timeZone: string; now: Date },
): Buffer {
  const { name, text } = consequences[scanner];
  const since = new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeStyle: "short", timeZone }).format(
    new Date(beganAt),
  );
  const body = [
    `${name} ne répond plus depuis le ${since}.`,
    text,
    `Ce qu’il a répondu en dernier : ${detail.replace(/[^\P{Cc}]+/gu, " ")}`,
    "Vous ne recevrez pas d’autre message pour cette panne.",
    "",
  ].join("\r\n\r\n");
  return Buffer.from(
    [
      "Return-Path: <>",
      `From: ${encodeHeaderText("Service de messagerie")} <postmaster@${domain}>`,
      `To: undisclosed-recipients:;`,
      `Subject: ${encodeHeaderText(`${name} ne répond plus`)}`,
      `Date: ${now.toUTCString().replace(/GMT$/, "+0000")}`,
      `Message-ID: <${randomUUID()}@${domain}>`,
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "Content-Language: fr",
      "",
      ...(Buffer.from(body, "utf8")
        .toString("base64")
        .match(/.{1,76}/g) ?? []),
      "",
    ].join("\r\n"),
    "utf8",
  );
}
