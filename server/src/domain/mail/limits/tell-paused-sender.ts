import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import type { OutboxRow } from "../../../store/outbox/outbox.ts";
import { addMessages } from "../add-messages.ts";
import { composeNotice } from "../compose-notice.ts";
import { beginNotice } from "../delivery/begin-notice.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { findRecipient, groupOf } from "../delivery/resolve-recipient.ts";
import { domainOf } from "../domain-of.ts";
import { longDate } from "../long-date.ts";
import type { PausedSenderOrder } from "./paused-sender-order.ts";

/**
 * Outbox handler: tells a person whose sending was paused, and the administrators of their organization (the operators when there is
 * none), by a mail from nobody, in the transaction that ends the row.
 */
export function pausedSenderHandler(deps: DeliveryDeps): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { organizationId, payload }) => {
    const order = payload as PausedSenderOrder;
    const person = await readPerson(tx, organizationId, order.principalId);
    if (!person) return;
    const accounts = await readAudience(tx, organizationId, order.principalId);
    const now = new Date();
    const address = person.address;
    const direct = await findRecipient(tx, address).catch(() => undefined);
    const recipients = [
      ...(direct ? [direct] : []),
      ...(accounts.length > 0 ? [groupOf({ organizationId, groupId: organizationId, address, accounts })] : []),
    ];
    const bytes = compose(person, order, now, deps.hostName);
    await addMessages(tx, await beginNotice(tx, deps, bytes, recipients, now));
  };
}

interface Person {
  name: string;
  address: string;
  timeZone: string;
}

async function readPerson(tx: Transactor, organizationId: string, principalId: string): Promise<Person | undefined> {
  const { rows } = await sql<{ display_name: string; address: string; time_zone: string }>`
    SELECT p.display_name, a.address, p.time_zone FROM principal p
    JOIN address a ON a.organization_id = p.organization_id AND a.principal_id = p.id AND a.kind = 'primary'
    WHERE p.organization_id = ${organizationId} AND p.id = ${principalId}`.execute(tx);
  const row = rows[0];
  return row && { name: row.display_name, address: row.address, timeZone: row.time_zone };
}

/** The inboxes of the administrators, else of the operators; the person is told apart. */
async function readAudience(tx: Transactor, organizationId: string, principalId: string) {
  const { rows } = await sql<{ organization_id: string; account_id: string; inbox_id: string; role: string }>`
    SELECT DISTINCT a.organization_id, a.id AS account_id, m.id AS inbox_id, r.role
    FROM principal_role r
    JOIN principal p ON p.organization_id = r.organization_id AND p.id = r.principal_id AND p.state = 'active'
    JOIN account a ON a.organization_id = p.organization_id AND a.owner_id = p.id AND a.deleted_at IS NULL
    JOIN mailbox m ON m.organization_id = a.organization_id AND m.account_id = a.id AND m.role = 'inbox' AND m.deleted_at IS NULL
    WHERE p.id <> ${principalId} AND ((r.role = 'member_administrator' AND r.organization_id = ${organizationId}) OR r.role = 'operator')
    ORDER BY a.id`.execute(tx);
  const administrators = rows.filter((row) => row.role === "member_administrator");
  return (administrators.length > 0 ? administrators : rows).map((row) => ({
    organizationId: row.organization_id,
    accountId: row.account_id,
    inboxId: row.inbox_id,
  }));
}

export const pauseReasons: Readonly<Record<string, string>> = {
  messages: "trop de messages ont été envoyés en peu de temps",
  recipients: "trop de destinataires ont été servis en peu de temps",
  unknown_recipients:
    "trop de destinataires n’existent pas, ce qui arrive avec une liste ancienne ou un mot de passe volé",
  networks:
    "des programmes se sont connectés depuis trop de réseaux différents, ce qui arrive avec un mot de passe volé",
  administrator: "un administrateur l’a demandé",
};

function compose(person: Person, { reason, detail }: PausedSenderOrder, now: Date, hostName: string): Buffer {
  return composeNotice({
    to: person.address,
    domain: domainOf(person.address),
    subject: `Envois suspendus : ${person.address}`,
    date: now,
    hostName,
    text: [
      `Les envois de ${person.name} <${person.address}> sont suspendus depuis le ${longDate(now, person.timeZone)} :`,
      `${pauseReasons[reason] ?? reason}${detail === "" ? "" : ` (${detail})`}.`,
      "",
      "Les messages qui attendaient de partir sont retenus ; rien n’est perdu. La réception n’est pas touchée.",
      "",
      "Si ces envois ne sont pas de cette personne, ses mots de passe d’application sont à révoquer avant toute chose.",
      "Un administrateur peut ensuite permettre de nouveau les envois ; les messages retenus partent alors.",
      "",
    ].join("\n"),
  });
}
