import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import type { OutboxRow } from "../../../store/outbox/outbox.ts";
import { DomainError } from "../../errors.ts";
import { linkPurpose } from "../../sharing/model.ts";
import type { ShareMailOrder } from "../../sharing/share-events.ts";
import { addMessages } from "../add-messages.ts";
import { composeMail } from "../compose-mail.ts";
import { composeNotice } from "../compose-notice.ts";
import { beginNotice } from "../delivery/begin-notice.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { findRecipient } from "../delivery/resolve-recipient.ts";
import { domainOf } from "../domain-of.ts";
import type { SendingLimits } from "../limits/sending-limits.ts";
import { stageBytes } from "../stage-message.ts";
import { queueMessage } from "./queue-message.ts";
import { endingMail, linkMail, type SharedLink } from "./share-mail-text.ts";
import { signOwnMail } from "./sign-own-mail.ts";

export type ShareMailDeps = DeliveryDeps & { readonly limits?: SendingLimits };

/**
 * Outbox handler: sends a link to whom it was made for, in its maker's name, so that what is answered and what is returned come back to
 * them, and counted as what they send; or tells its maker that it ends soon. In the transaction that ends the row.
 * @param driveOrigin where the page of the link is, such as `https://drive.example.org`
 */
export function shareMailHandler(
  deps: ShareMailDeps,
  driveOrigin: () => string,
): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { organizationId, payload }) => {
    const order = payload as ShareMailOrder;
    const row = await readLink(tx, organizationId, order.linkId);
    const token = row && deps.secrets.open(linkPurpose, row.sealed_token)?.toString();
    if (!row || !token) return;
    const link: SharedLink = {
      address: `${driveOrigin()}/s/${token}`,
      name: oneLine(row.name),
      kind: row.kind,
      maker: oneLine(row.maker_name),
      organization: oneLine(row.organization_name),
      timeZone: row.time_zone,
      note: row.note,
      hasPassword: row.password_hash !== null,
      expiresAt: row.expires_at,
      isRequest: !row.rights.includes("read"),
    };
    const now = new Date();
    if (order.kind === "link_ending") {
      const mail = endingMail({ ...link, label: row.label, page: `${driveOrigin()}/shared` });
      const bytes = composeNotice({
        ...{ to: row.maker_address, domain: domainOf(row.maker_address), ...mail },
        ...{ date: now, hostName: deps.hostName },
      });
      return deliverHere(tx, deps, row.maker_address, bytes, now);
    }
    if (row.recipient === null) return;
    const bytes = composeMail({
      from: { name: row.maker_name, address: row.maker_address },
      to: [row.recipient],
      subject: linkMail(link).subject,
      date: now,
      hostName: deps.hostName,
      autoSubmitted: "auto-generated",
      fields: [{ name: "Content-Language", value: "fr" }],
      body: { text: linkMail(link).text },
    });
    const maker = { organizationId: row.maker_organization_id, principalId: row.maker_id };
    if (!(await isAdmitted(deps, maker))) return;
    const isHere = await findRecipient(tx, row.recipient).then(
      (found) => found !== undefined,
      () => true,
    );
    if (isHere) return deliverHere(tx, deps, row.recipient, bytes, now);
    const { staged } = await stageBytes(deps, bytes);
    await queueMessage(tx, deps.blobs, {
      organizationId: row.maker_organization_id,
      accountId: undefined,
      messageId: undefined,
      blob: staged,
      returnPath: row.maker_address,
      prependedHeaders: await signOwnMail(deps, row.maker_address, bytes),
      isEightBit: false,
      isSmtpUtf8: false,
      dsn: { ret: null, envid: null },
      recipients: [{ address: row.recipient, domain: domainOf(row.recipient), notify: null, orcpt: null }],
      sendAt: undefined,
    });
  };
}

/** Whoever sent too much sends no links either: nothing is owed to the row then. */
async function isAdmitted(
  deps: ShareMailDeps,
  maker: { organizationId: string; principalId: string },
): Promise<boolean> {
  try {
    await deps.limits?.admit(maker, 1);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === "sending_limited") return false;
    throw error;
  }
}

async function deliverHere(
  tx: Transactor,
  deps: DeliveryDeps,
  address: string,
  bytes: Buffer,
  now: Date,
): Promise<void> {
  const recipient = await findRecipient(tx, address).catch(() => undefined);
  if (recipient) await addMessages(tx, await beginNotice(tx, deps, bytes, [recipient], now));
}

interface LinkRow {
  sealed_token: Buffer;
  name: string;
  kind: "folder" | "file";
  rights: string[];
  note: string | null;
  label: string | null;
  recipient: string | null;
  password_hash: string | null;
  expires_at: Date | null;
  maker_id: string;
  maker_organization_id: string;
  maker_name: string;
  maker_address: string;
  time_zone: string;
  organization_name: string;
}

async function readLink(tx: Transactor, organizationId: string, linkId: string): Promise<LinkRow | undefined> {
  const { rows } = await sql<LinkRow>`
    SELECT l.sealed_token, n.name, n.kind, l.rights, l.note, l.label, l.recipient, l.password_hash, l.expires_at,
      p.id AS maker_id, p.organization_id AS maker_organization_id, p.display_name AS maker_name, a.address AS maker_address,
      p.time_zone, o.name AS organization_name
    FROM share_link l
    JOIN drive_node n ON n.organization_id = l.organization_id AND n.id = l.node_id
    JOIN principal p ON p.organization_id = coalesce(l.created_by_organization, l.organization_id) AND p.id = l.created_by
      AND p.state = 'active'
    JOIN organization o ON o.id = p.organization_id
    JOIN address a ON a.organization_id = p.organization_id AND a.principal_id = p.id AND a.kind = 'primary'
    WHERE l.organization_id = ${organizationId} AND l.id = ${linkId} AND l.revoked_at IS NULL
      AND (l.expires_at IS NULL OR l.expires_at > now())`.execute(tx);
  return rows[0];
}

/** Names are people's: of several lines in a subject or a sentence, they are one. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
