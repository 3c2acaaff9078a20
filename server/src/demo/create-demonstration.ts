import { Readable } from "node:stream";
import { type AccountAccess, openOwnAccount } from "../domain/access/account-access.ts";
import { grantAccount } from "../domain/access/grant-account.ts";
import { createFolder } from "../domain/drive/create-folder.ts";
import { readRootId } from "../domain/drive/read-root-id.ts";
import { uploadFile } from "../domain/drive/upload-file.ts";
import { addGroupMembers } from "../domain/identity/add-group-members.ts";
import type { CreatedPrincipal } from "../domain/identity/create-principal.ts";
import type { IdentityDeps } from "../domain/identity/identity-deps.ts";
import { loadViewer } from "../domain/identity/load-viewer.ts";
import { generatePassword, setPassword } from "../domain/identity/set-password.ts";
import { createMember } from "../domain/lifecycle/create-member.ts";
import { createPrincipalWithServices } from "../domain/lifecycle/create-principal-with-services.ts";
import { deliverMessage } from "../domain/mail/delivery/deliver-message.ts";
import type { DeliveryDeps } from "../domain/mail/delivery/delivery-deps.ts";
import { findRecipient, type ResolvedRecipient } from "../domain/mail/delivery/resolve-recipient.ts";
import { stageIncoming } from "../domain/mail/delivery/stage-incoming.ts";
import { listMailboxes } from "../domain/mail/list-mailboxes.ts";
import { storeFlags } from "../domain/mail/store-flags.ts";
import type { DemonstrationCredentials } from "./announce.ts";
import { type DemoFile, secretaryFiles, teamFolderFiles } from "./files.ts";
import { composeMessage, messages } from "./messages.ts";
import * as people from "./people.ts";

export interface DemonstrationDeps {
  readonly identity: IdentityDeps;
  readonly mail: DeliveryDeps;
}

export interface DemonstrationOptions {
  /** Bytes for each person. */
  readonly quotas: { readonly mail: number; readonly drive: number };
  readonly timeZone: string;
}

/**
 * Creates a fictitious operator and the fictitious commune of Bourg-Fleuri, with what a town hall has on an ordinary morning, by
 * the functions that serve real communes.
 * @returns the generated passwords, which are kept nowhere
 */
export async function createDemonstration(
  deps: DemonstrationDeps,
  options: DemonstrationOptions,
): Promise<DemonstrationCredentials[]> {
  const { store } = deps.identity;
  const quotas = { mail: options.quotas.mail, files: options.quotas.drive };
  const operator = await createMember(deps.identity, {
    name: people.operator.name,
    kind: "operator",
    domains: [people.operator.domain],
  });
  const { organizationId } = await createMember(deps.identity, {
    name: people.commune.name,
    kind: "member",
    domains: [people.commune.domain],
  });

  const credentials: DemonstrationCredentials[] = [];
  const create = async (inOrganization: string, person: people.DemoPerson): Promise<CreatedPrincipal> => {
    const created = await createPrincipalWithServices(store, inOrganization, {
      ...person,
      kind: "person",
      timeZone: options.timeZone,
      quotas,
    });
    const password = generatePassword();
    await setPassword(deps.identity, created, password);
    credentials.push({
      name: person.displayName,
      jobTitle: person.jobTitle ?? "",
      address: person.address,
      password,
    });
    return created;
  };
  const created = new Map<people.DemoPerson, CreatedPrincipal>();
  for (const person of people.townHall) created.set(person, await create(organizationId, person));
  await create(operator.organizationId, people.agent);

  const make = (
    input: { displayName: string; address?: string },
    kind: "shared_mailbox" | "resource" | "team_folder" | "group",
  ) => createPrincipalWithServices(store, organizationId, { ...input, kind, timeZone: options.timeZone, quotas });
  const mairie = await make(people.sharedMailbox, "shared_mailbox");
  await make(people.meetingRoom, "resource");
  const council = await make(people.council, "group");
  const teamFolder = await make({ displayName: "Commune" }, "team_folder");
  const secretaries = [people.helene, people.nadia].map((person) => created.get(person)!);
  await store.transact(async (tx) => {
    await addGroupMembers(
      tx,
      council,
      [people.marc, people.sylvie].map((person) => created.get(person)!.principalId),
    );
    for (const secretary of secretaries) {
      await grantAccount(tx, mairie, secretary, ["read", "write", "delete", "send_as", "send_on_behalf", "manage"]);
    }
    for (const person of created.values())
      await grantAccount(tx, teamFolder, person, ["read", "write", "create", "delete", "share"]);
  });

  await deliverAll(deps.mail);
  const helene = await openOwnAccount(store.read, await loadViewer(store.read, created.get(people.helene)!));
  await markOldMailSeen(deps.mail, helene);
  await putFiles(deps.mail, helene, secretaryFiles);
  const { viewer } = helene;
  await putFiles(deps.mail, { ...helene, ...teamFolder, viewer, isOwn: false }, teamFolderFiles);
  return credentials;
}

async function deliverAll(mail: DeliveryDeps): Promise<void> {
  const now = new Date();
  for (const message of [...messages].sort((a, b) => b.hoursAgo - a.hoursAgo)) {
    const found = await Promise.all(
      [...message.to, ...(message.cc ?? [])].map((address) => findRecipient(mail.store.read, address)),
    );
    const recipients = found.filter((each): each is ResolvedRecipient => each !== undefined);
    const bytes = await composeMessage(message, now);
    const { staged, analyzed } = await stageIncoming(mail, Readable.from([bytes]));
    const receivedAt = new Date(now.getTime() - message.hoursAgo * 3_600_000);
    await deliverMessage(mail, { arrival: "submitted", sender: "", staged, analyzed, recipients, receivedAt });
  }
}

async function markOldMailSeen(mail: DeliveryDeps, access: AccountAccess): Promise<void> {
  const inbox = (await listMailboxes(mail.store.read, access)).find((mailbox) => mailbox.role === "inbox");
  if (!inbox) return;
  const oldest = Array.from({ length: Math.max(0, inbox.uidnext - 4) }, (_, index) => index + 1);
  await storeFlags(mail, access, inbox.id, oldest, { mode: "add", flags: ["\\Seen"] });
}

async function putFiles(drive: DeliveryDeps, access: AccountAccess, files: readonly DemoFile[]): Promise<void> {
  const root = await readRootId(drive.store.read, access);
  const folders = new Map<string, string>();
  for (const file of files) {
    let parentId = root;
    for (const [depth, name] of file.path.slice(0, -1).entries()) {
      const key = file.path.slice(0, depth + 1).join("/");
      parentId = folders.get(key) ?? (await createFolder(drive, access, { parentId, name })).id;
      folders.set(key, parentId);
    }
    await uploadFile(drive, access, { folderId: parentId, name: file.path.at(-1)! }, file.content);
  }
}
