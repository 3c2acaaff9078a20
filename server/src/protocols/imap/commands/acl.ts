import type { Right } from "../../../domain/access/account-access.ts";
import { requireMailboxRight } from "../../../domain/access/mailbox-rights.ts";
import { DomainError } from "../../../domain/errors.ts";
import { type FoundGrantee, findGrantee } from "../../../domain/mail/delegation/find-grantee.ts";
import { grantMailbox } from "../../../domain/mail/delegation/grant-mailbox.ts";
import { type Grant, listGrants } from "../../../domain/mail/delegation/list-grants.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { writeMailbox, writeString, writeUntagged } from "../../../formats/imap-syntax/write-response.ts";
import { allLetters, applyRights, grantableRights, parseRights, writeRights } from "../acl-letters.ts";
import type { Command } from "../command.ts";
import { findMailbox, rightsOf } from "../mailbox-tree.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";

/*
 * RFC 4314. Identifiers are addresses or logins of people and groups of the owner's organization. There is neither `anyone`, which would
 * be everybody in the world, nor negative rights.
 */

type Entry = Awaited<ReturnType<typeof findMailbox>>;

/** GETACL: who has which rights, those on the whole account among them. */
export const getAcl: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.end();
    const entry = await findAdministered(session, name);
    const { access, mailbox } = entry;
    const personal = access.hasPersonalSeen === true;
    const merged = Map.groupBy(
      await listGrants(session.deps.mail.store.read, access, mailbox.id),
      ({ granteeId }) => granteeId,
    );
    const pairs: [string, string][] = [...merged.values()].map((grants) => [
      grants[0]!.identifier,
      writeRights(rightsOfGrants(grants), personal),
    ]);
    if (access.ownerKind === "person") pairs.unshift([access.ownerAddress ?? access.ownerId, allLetters()]);
    const list = pairs.map(([identifier, letters]) => ` ${writeString(identifier, session.utf8)} ${letters}`).join("");
    session.channel.send(writeUntagged(`ACL ${writeMailbox(name, session.utf8)}${list}`));
    return { text: "Rights told." };
  },
};

export const setAcl: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.space();
    const identifier = scanner.astring();
    scanner.space();
    const change = parseRights(scanner.astring());
    scanner.end();
    const entry = await findAdministered(session, name);
    const grantee = await findIdentified(session, entry, identifier);
    const grants = await grantsOf(session, entry, grantee);
    const wanted = applyRights(rightsOfGrants(grants), change, entry.access.hasPersonalSeen === true);
    await give(session, entry, grantee, grants, wanted);
    return { text: "Rights set." };
  },
};

export const deleteAcl: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.space();
    const identifier = scanner.astring();
    scanner.end();
    const entry = await findAdministered(session, name);
    const grantee = await findIdentified(session, entry, identifier);
    await give(session, entry, grantee, await grantsOf(session, entry, grantee), new Set());
    return { text: "Rights removed." };
  },
};

/** LISTRIGHTS: which letters go together. */
export const listRights: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.space();
    const identifier = scanner.astring();
    scanner.end();
    const entry = await findAdministered(session, name);
    const grantee = await findIdentified(session, entry, identifier);
    const { required, optional } =
      grantee.principalId === entry.access.ownerId
        ? { required: allLetters(), optional: [] }
        : grantableRights(entry.access.hasPersonalSeen === true);
    const words = [writeMailbox(name, session.utf8), writeString(identifier, session.utf8), required, ...optional];
    session.channel.send(writeUntagged(`LISTRIGHTS ${words.join(" ")}`));
    return { text: "Rights listed." };
  },
};

export const myRights: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.end();
    const entry = await findMailbox(session, name);
    session.channel.send(myRightsResponse(session, name, entry));
    return { text: "Your rights told." };
  },
};

/** For MYRIGHTS, and for LIST RETURN (MYRIGHTS) of RFC 8440. */
export function myRightsResponse(session: Session, name: string, entry: Entry): string {
  const letters = writeRights(rightsOf(entry), entry.access.personalSeen === true);
  return writeUntagged(`MYRIGHTS ${writeMailbox(name, session.utf8)} ${letters}`);
}

/** @throws DomainError `forbidden` for who may not administer the mailbox */
async function findAdministered(session: Session, name: string): Promise<Entry> {
  const entry = await findMailbox(session, name);
  requireMailboxRight(entry.access, entry.mailbox.id, "share");
  return entry;
}

async function findIdentified(session: Session, { access }: Entry, identifier: string): Promise<FoundGrantee> {
  if (/^(-|anyone$|anonymous$|administrators$)/i.test(identifier)) {
    throw new Refusal("Rights are given to people and groups, and never negative.", "CANNOT");
  }
  try {
    return await findGrantee(session.deps.mail.store.read, access.organizationId, identifier);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "not_found") throw error;
    throw new Refusal("There is no such person or group.", "CANNOT");
  }
}

async function grantsOf(session: Session, { access, mailbox }: Entry, grantee: FoundGrantee): Promise<Grant[]> {
  const grants = await listGrants(session.deps.mail.store.read, access, mailbox.id);
  return grants.filter(({ granteeId }) => granteeId === grantee.principalId);
}

function rightsOfGrants(grants: readonly Grant[]): Set<Right> {
  return new Set(grants.flatMap(({ rights }) => rights));
}

/** Makes the rights in this mailbox exactly those wanted, or refuses: what holds in the whole account is not taken away in one mailbox. */
async function give(
  session: Session,
  { access, mailbox }: Entry,
  grantee: FoundGrantee,
  grants: readonly Grant[],
  wanted: ReadonlySet<Right>,
): Promise<void> {
  const ofAccount = new Set(grants.filter(({ mailboxId }) => mailboxId === null).flatMap(({ rights }) => rights));
  const inMailboxes: readonly Right[] = ["read", "write", "delete", "manage", "share"];
  if (inMailboxes.some((right) => ofAccount.has(right) && !wanted.has(right))) {
    throw new Refusal("These rights are given on the whole account, and can only be taken there.", "CANNOT");
  }
  const rights = [...wanted].filter((right) => !ofAccount.has(right));
  await grantMailbox(session.deps.mail.store, access, mailbox.id, grantee, rights);
}
