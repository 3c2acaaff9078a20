import { addGroupMembers } from "../../src/domain/identity/add-group-members.ts";
import { createPrincipal } from "../../src/domain/identity/create-principal.ts";
import {
  addGroupModerators,
  addOutsideMember,
  type GroupOptions,
  setGroupOptions,
} from "../../src/domain/identity/group-options.ts";
import type { PrincipalKey } from "../../src/domain/identity/identity-deps.ts";
import { type Delivered, deliverMessage } from "../../src/domain/mail/delivery/deliver-message.ts";
import type { IncomingMessage } from "../../src/domain/mail/delivery/incoming-message.ts";
import { resolveRecipient } from "../../src/domain/mail/delivery/resolve-recipient.ts";
import { readSelection } from "../../src/domain/mail/read-selection.ts";
import type { Screening } from "../../src/domain/mail/screening/screening.ts";
import { stageBytes } from "../../src/domain/mail/stage-message.ts";
import { type MailFixture, type MailPerson, type MailText, mailBytes } from "./mail-fixture.ts";

/** A screening in which SPF said this of the sender's domain. */
export function screened(spf: "pass" | "fail" | "none", domain: string): Screening {
  return {
    authenticity: {
      spf,
      ...(spf === "pass" && { spfDomain: domain }),
      dkim: [],
      dkimDomains: [],
      dmarc: "none",
      arc: "none",
      arcSeals: [],
      fromDomain: domain,
      isAligned: spf === "pass",
    },
    remoteAddress: "192.0.2.1",
    listHits: [],
  };
}

export interface GroupSetup extends Partial<GroupOptions> {
  members?: readonly (MailPerson | PrincipalKey)[];
  moderators?: readonly MailPerson[];
  outside?: readonly string[];
}

export interface MailRouting {
  createGroup(address: string, setup?: GroupSetup): Promise<PrincipalKey>;
  /** As another server brings it, SPF passed, unless said otherwise. */
  deliver(
    addresses: readonly string[],
    text?: MailText & { sender?: string } & Partial<Pick<IncomingMessage, "arrival" | "screening">>,
  ): Promise<Delivered>;
  inboxCount(person: MailPerson): Promise<number>;
  /** What waits to leave, the oldest first, and forgets it. */
  takeQueue(): Promise<{ returnPath: string; to: string[]; header: string; text: string }[]>;
}

export function mailRouting(mail: MailFixture): MailRouting {
  return {
    createGroup: (address, setup = {}) =>
      mail.store.transact(async (tx) => {
        const group = await createPrincipal(tx, mail.organizationId, {
          kind: "group",
          displayName: address.split("@")[0]!,
          address,
          quotas: { mail: 0, files: 0 },
        });
        const { members = [], moderators = [], outside = [], ...options } = setup;
        await setGroupOptions(tx, group, options);
        const ids = members.map((each) => ("access" in each ? each.access.ownerId : each.principalId));
        await addGroupMembers(tx, group, ids);
        await addGroupModerators(
          tx,
          group,
          moderators.map((each) => each.access.ownerId),
        );
        for (const each of outside) await addOutsideMember(tx, group, each);
        return { organizationId: group.organizationId, principalId: group.principalId };
      }),

    async deliver(addresses, { sender = "paul@exterieur.example", arrival = "received", screening, ...text } = {}) {
      const staged = await stageBytes(
        mail.deps,
        Buffer.concat([Buffer.from(`Return-Path: <${sender}>\r\n`), mailBytes(text)]),
      );
      const recipients = await Promise.all(
        addresses.map((each) => resolveRecipient(mail.store.read, each, mail.deps.secrets)),
      );
      return deliverMessage(mail.deps, {
        ...staged,
        arrival,
        sender,
        recipients,
        receivedAt: new Date(),
        ...(arrival === "received" && { screening: screening ?? screened("pass", sender.split("@").at(-1)!) }),
      });
    },

    inboxCount: async (person) =>
      (await readSelection(mail.store.read, person.access, person.mailboxes.inbox)).uids.length,

    async takeQueue() {
      const messages = await mail.store.read
        .selectFrom("outbound_message")
        .select(["organization_id", "id", "return_path", "prepended_headers", "blob_id"])
        .orderBy("id")
        .execute();
      const taken = [];
      for (const row of messages) {
        const recipients = await mail.store.read
          .selectFrom("outbound_recipient")
          .select("address")
          .where("outbound_id", "=", row.id)
          .orderBy("address")
          .execute();
        const bytes = await mail.deps.blobs.readAll(mail.store.read, row.organization_id, row.blob_id, 1e8);
        taken.push({
          returnPath: row.return_path,
          to: recipients.map((each) => each.address),
          header: row.prepended_headers,
          text: bytes!.toString("utf8"),
        });
      }
      await mail.store.transact(async (tx) => {
        await tx.deleteFrom("outbound_recipient").execute();
        await tx.deleteFrom("outbound_message").execute();
      });
      return taken;
    },
  };
}
