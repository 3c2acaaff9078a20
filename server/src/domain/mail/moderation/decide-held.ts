import type { Transactor } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { addMessages } from "../add-messages.ts";
import { composeRefusalReport } from "../delivery/compose-refusal-report.ts";
import { beginDelivery } from "../delivery/deliver-message.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { expandGroup } from "../delivery/expand-group.ts";
import { prepareDelivery } from "../delivery/prepare-delivery.ts";
import type { PreparedDelivery } from "../delivery/prepared-delivery.ts";
import { stageIncoming } from "../delivery/stage-incoming.ts";
import { domainOf } from "../domain-of.ts";
import { queueMessage } from "../submission/queue-message.ts";
import { signOwnMail } from "../submission/sign-own-mail.ts";
import { recordTrace } from "../trace/record-trace.ts";
import { findHeld, type HeldRow, listOverdue, readModerationLink } from "./held-message.ts";
import { heldReference } from "./hold-message.ts";

/** Who decides: a person on a screen, or whoever has the link of a moderator's mail. */
export type Decider = { readonly viewer: Viewer; readonly heldId: string } | { readonly token: string };

export interface Decision {
  readonly verdict: "accept" | "refuse";
  /** Told to the author of a refused message. */
  readonly reason?: string;
}

const maxReason = 1_000;

/**
 * Lets a held message through to the group, or refuses it and tells its author. The first decision counts: links of the other
 * moderators end with it.
 * @throws DomainError `not_found`, `expired` (token); `conflict` when somebody decided meanwhile; `invalid` (reason)
 */
export async function decideHeld(deps: DeliveryDeps, by: Decider, decision: Decision): Promise<void> {
  const reason = decision.reason?.trim() ?? "";
  if (reason.length > maxReason) throw new DomainError("invalid", `A reason has at most ${maxReason} characters`);
  let held: HeldRow;
  let deciderId: string;
  if ("token" in by) {
    const link = await readModerationLink(deps.store.read, deps.secrets, by.token);
    held = link;
    deciderId = link.moderatorId;
  } else {
    held = await findHeld(deps.store.read, by.viewer, by.heldId);
    deciderId = by.viewer.principalId;
  }
  if (held.state !== "held") throw decidedAlready();
  if (decision.verdict === "accept") await acceptHeld(deps, held, deciderId);
  else await rejectHeld(deps, held, { state: "refused", deciderId, reason });
}

/**
 * For the timetable: returns to their authors what no moderator answered in time. One that fails does not keep the others.
 * @returns how many
 * @throws AggregateError of what failed
 */
export async function returnUnanswered(deps: DeliveryDeps, now: Date = new Date()): Promise<number> {
  let returned = 0;
  const failed: string[] = [];
  const failures: unknown[] = [];
  for (;;) {
    const due = await listOverdue(deps.store.read, now, failed);
    if (due.length === 0) break;
    for (const held of due) {
      try {
        await rejectHeld(deps, held, { state: "returned", deciderId: null, reason: "" });
        returned++;
      } catch (error) {
        if (error instanceof DomainError && error.code === "conflict") continue;
        failed.push(held.id);
        failures.push(error);
      }
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, "Some held messages could not be returned");
  return returned;
}

async function acceptHeld(deps: DeliveryDeps, held: HeldRow, deciderId: string): Promise<void> {
  const source = await deps.blobs.open(deps.store.read, held.organizationId, held.blobId);
  if (!source) throw decidedAlready();
  const made = await stageIncoming(deps, source.open());
  const group = { organizationId: held.organizationId, groupId: held.groupId };
  const acceptedBy = [...held.acceptedBy, held.groupId];
  const delivery = await prepareDelivery(deps, {
    ...made,
    arrival: "released",
    sender: held.sender,
    isSenderKnown: held.isSenderKnown,
    recipients: [
      { kind: "group", ...group, address: held.address, ...(await expandGroup(deps.store.read, group, acceptedBy)) },
    ],
    receivedAt: held.receivedAt,
    acceptedBy,
    reached: { accounts: held.reachedAccounts, addresses: held.reachedAddresses },
  });
  try {
    await deps.store.transact(async (tx) => {
      await settle(tx, deps, held, { state: "accepted", deciderId, reason: "" });
      const additions = await beginDelivery(tx, deps, delivery);
      await addMessages(tx, additions);
    });
  } catch (error) {
    if (error instanceof DomainError && error.code === "conflict") await discard(deps, delivery);
    throw error;
  }
}

async function discard(deps: DeliveryDeps, { organizations }: PreparedDelivery): Promise<void> {
  for (const { staged, forwardCopy } of organizations.values()) {
    await deps.blobs.discard(staged);
    if (forwardCopy) await deps.blobs.discard(forwardCopy.staged);
  }
}

interface Settlement {
  state: "accepted" | "refused" | "returned";
  deciderId: string | null;
  reason: string;
}

async function rejectHeld(deps: DeliveryDeps, held: HeldRow, settlement: Settlement): Promise<void> {
  const bytes = held.isSenderKnown ? await composeReport(deps, held, settlement) : undefined;
  const report = bytes && (await deps.blobs.stage(bytes));
  const signature = bytes ? await signOwnMail(deps, held.address, bytes) : "";
  await deps.store.transact(async (tx) => {
    await settle(tx, deps, held, settlement);
    if (report) {
      await queueMessage(tx, deps.blobs, {
        organizationId: held.organizationId,
        accountId: undefined,
        messageId: undefined,
        blob: report,
        returnPath: "",
        prependedHeaders: signature,
        isEightBit: true,
        isSmtpUtf8: false,
        dsn: { ret: null, envid: null },
        recipients: [{ address: held.sender, domain: domainOf(held.sender), notify: null, orcpt: null }],
        sendAt: undefined,
      });
    }
    await recordTrace(tx, [
      {
        direction: "in",
        at: new Date(),
        organizationId: held.organizationId,
        sender: held.sender,
        recipient: held.address,
        outcome: "refused",
        status: statusOf(settlement),
        detail: settlement.state === "returned" ? "no moderator answered" : "by a moderator",
        remoteAddress: "",
        messageId: held.messageId === null ? "" : `<${held.messageId}>`,
        subject: held.subject,
        size: held.size,
      },
    ]);
  });
}

function statusOf({ state }: Settlement): string {
  return state === "returned" ? "5.4.7" : "5.7.2";
}

async function composeReport(deps: DeliveryDeps, held: HeldRow, settlement: Settlement): Promise<Buffer> {
  const header: Buffer[] = [];
  const source = await deps.blobs.open(deps.store.read, held.organizationId, held.blobId);
  if (source) for await (const chunk of source.open({ start: 0, end: 64 * 1024 })) header.push(chunk as Buffer);
  const bytes = Buffer.concat(header);
  const end = bytes.indexOf("\r\n\r\n");
  return composeRefusalReport({
    hostName: deps.hostName,
    sender: held.sender,
    recipient: held.address,
    status: statusOf(settlement),
    text: settlement.reason,
    reason:
      settlement.state === "returned"
        ? `Les messages au groupe « ${held.groupName} » doivent être acceptés par un modérateur. Aucun n’a répondu dans le délai : le message vous est retourné. Vous pouvez le renvoyer ou joindre le groupe autrement.`
        : `Un modérateur du groupe « ${held.groupName} » ne l’a pas accepté.`,
    message: { subject: held.subject, messageId: held.messageId },
    header: end < 0 ? bytes : bytes.subarray(0, end + 2),
    receivedAt: held.receivedAt,
  });
}

/** @throws DomainError `conflict` when it was decided meanwhile */
async function settle(tx: Transactor, deps: DeliveryDeps, held: HeldRow, settlement: Settlement): Promise<void> {
  const { organizationId, id } = held;
  const settled = await tx
    .updateTable("held_message")
    .set({
      state: settlement.state,
      decided_by: settlement.deciderId,
      decided_at: new Date(),
      reason: settlement.reason === "" ? null : settlement.reason,
    })
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .where("state", "=", "held")
    .returning("id")
    .executeTakeFirst();
  if (!settled) throw decidedAlready();
  await tx
    .deleteFrom("moderation_link")
    .where("organization_id", "=", organizationId)
    .where("held_id", "=", id)
    .execute();
  await deps.blobs.removeReferences(tx, organizationId, heldReference, [id]);
}

function decidedAlready(): DomainError {
  return new DomainError("conflict", "This message was decided already");
}
