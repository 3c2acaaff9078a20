import { sql } from "kysely";
import type { Reader, Transactor } from "../../../store/database.ts";
import type { OutboxRow } from "../../../store/outbox/outbox.ts";
import { type Decider, listDeciders } from "../../drive/brake/list-deciders.ts";
import type { PausedDeviceOrder } from "../../drive/brake/paused-device-order.ts";
import { addMessages, type MessageAddition } from "../add-messages.ts";
import { composeNotice } from "../compose-notice.ts";
import { beginNotice } from "../delivery/begin-notice.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { findRecipient } from "../delivery/resolve-recipient.ts";
import { domainOf } from "../domain-of.ts";
import { longDate } from "../long-date.ts";

/**
 * Outbox handler: tells whoever may decide of a device that was paused, by a mail from nobody to each, in the transaction that ends
 * the row.
 * @param driveOrigin where the page of the decision is, such as `https://drive.example.org`
 */
export function pausedDeviceHandler(
  deps: DeliveryDeps,
  driveOrigin: () => string,
): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { organizationId, payload }) => {
    const order = payload as PausedDeviceOrder;
    const { accountId, principalId, principalOrganizationId } = order;
    const person = { organizationId: principalOrganizationId, principalId };
    const now = new Date();
    const additions: MessageAddition[] = [];
    const space = await readSpaceName(tx, organizationId, accountId);
    for (const decider of await listDeciders(tx, { organizationId, accountId }, person)) {
      const reader = await readAddress(tx, decider);
      const recipient = reader && (await findRecipient(tx, reader.address).catch(() => undefined));
      if (!reader || !recipient) continue;
      const whose = decider.principalId === principalId ? undefined : decider.ofName;
      const text = compose(order, { ...reader, whose, space, now, link: `${driveOrigin()}/pauses` });
      const { address } = reader;
      const subject = `Appareil mis en pause : ${order.deviceName}`;
      const notice = { to: address, domain: domainOf(address), subject, date: now, hostName: deps.hostName, text };
      additions.push(...(await beginNotice(tx, deps, composeNotice(notice), [recipient], now)));
    }
    await addMessages(tx, additions);
  };
}

async function readSpaceName(reader: Reader, organizationId: string, accountId: string): Promise<string> {
  const { rows } = await sql<{ display_name: string }>`
    SELECT p.display_name FROM account a JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id
    WHERE a.organization_id = ${organizationId} AND a.id = ${accountId}`.execute(reader);
  return rows[0]?.display_name ?? "";
}

async function readAddress(
  reader: Reader,
  { organizationId, principalId }: Decider,
): Promise<{ address: string; timeZone: string } | undefined> {
  const { rows } = await sql<{ address: string; timeZone: string }>`
    SELECT a.address, p.time_zone AS "timeZone" FROM principal p
    JOIN address a ON a.organization_id = p.organization_id AND a.principal_id = p.id AND a.kind = 'primary'
    WHERE p.organization_id = ${organizationId} AND p.id = ${principalId}`.execute(reader);
  return rows[0];
}

interface Words {
  timeZone: string;
  whose: string | undefined;
  space: string;
  now: Date;
  link: string;
}

function compose({ deviceName, changed, total }: PausedDeviceOrder, words: Words): string {
  const count = new Intl.NumberFormat("fr-FR");
  const device =
    words.whose === undefined ? `Votre appareil « ${deviceName} »` : `L’appareil « ${deviceName} » de ${words.whose}`;
  return [
    `${device} a voulu supprimer, renommer ou remplacer ${count.format(changed)} fichiers sur ${count.format(total)}`,
    `de l’espace « ${words.space} » en quelques minutes. Il est en pause depuis le ${longDate(words.now, words.timeZone)} :`,
    "il peut encore lire, mais plus rien changer. Rien n’est perdu.",
    "",
    "Si c’est voulu, autorisez l’appareil. Sinon (un programme malveillant, une fausse manœuvre), remettez les fichiers",
    "comme ils étaient juste avant. Les deux se font sur cette page :",
    "",
    words.link,
    "",
  ].join("\n");
}
