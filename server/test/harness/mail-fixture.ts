import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AccountAccess, openOwnAccount } from "../../src/domain/access/account-access.ts";
import { addDomain, createOrganization } from "../../src/domain/identity/create-organization.ts";
import { createPrincipal, type PrincipalKind } from "../../src/domain/identity/create-principal.ts";
import { createServerSecrets, type ServerSecrets } from "../../src/domain/identity/server-secrets.ts";
import type { Role, Viewer } from "../../src/domain/identity/viewer.ts";
import { appendMessage } from "../../src/domain/mail/append-messages.ts";
import { createDefaultMailboxes } from "../../src/domain/mail/create-default-mailboxes.ts";
import type { DeliveryDeps } from "../../src/domain/mail/delivery/delivery-deps.ts";
import type { MailboxRole } from "../../src/domain/mail/model.ts";
import { stageBytes } from "../../src/domain/mail/stage-message.ts";
import { analyzeMessage } from "../../src/formats/mime/analyze-message.ts";
import { Blobs } from "../../src/store/blobs/blobs.ts";
import { openFilesystemBlobs } from "../../src/store/blobs/filesystem.ts";
import type { Store } from "../../src/store/database.ts";
import { openTestStore } from "./test-database.ts";

export interface MailPerson {
  access: AccountAccess;
  address: string;
  mailboxes: Record<MailboxRole, string>;
}

export interface MailText {
  from?: string;
  to?: string;
  subject?: string;
  messageId?: string;
  inReplyTo?: string;
  date?: string;
  headers?: string;
  body?: string;
}

/** Two organizations with mail on a database of their own. */
export interface MailFixture {
  store: Store;
  connectionString: string;
  deps: DeliveryDeps & { readonly secrets: ServerSecrets };
  organizationId: string;
  otherOrganizationId: string;
  createPerson(name: string, options?: NewPerson): Promise<MailPerson>;
  append(
    person: MailPerson,
    text: MailText,
    options?: { mailboxId?: string; flags?: string[]; receivedAt?: Date },
  ): ReturnType<typeof appendMessage>;
  close(): Promise<void>;
}

export interface NewPerson {
  organizationId?: string;
  kind?: PrincipalKind;
  quota?: number;
  roles?: Role[];
}

let serial = 0;

export function mailBytes(text: MailText): Buffer {
  const lines = [
    `From: ${text.from ?? "Paul Martin <paul@exterieur.example>"}`,
    `To: ${text.to ?? "accueil@bourg-fleuri.example"}`,
    `Subject: ${text.subject ?? "Bonjour"}`,
    `Date: ${text.date ?? "Mon, 02 Feb 2026 10:00:00 +0100"}`,
    `Message-ID: <${text.messageId ?? `m${++serial}@exterieur.example`}>`,
    ...(text.inReplyTo ? [`In-Reply-To: <${text.inReplyTo}>`, `References: <${text.inReplyTo}>`] : []),
    ...(text.headers ? [text.headers] : []),
    ...(/^content-type:/im.test(text.headers ?? "") ? [] : ["Content-Type: text/plain; charset=utf-8"]),
    "",
    text.body ?? "Bonjour, voici le compte rendu.",
    "",
  ];
  return Buffer.from(lines.join("\r\n"));
}

export async function openMailFixture(): Promise<MailFixture> {
  const database = await openTestStore();
  const directory = await mkdtemp(join(tmpdir(), "bouquet-mail-"));
  const { store } = database;
  const deps: MailFixture["deps"] = {
    store,
    blobs: new Blobs(await openFilesystemBlobs(directory)),
    analyze: async (bytes) => analyzeMessage(bytes),
    secrets: createServerSecrets(Buffer.alloc(32, 7), [], []),
    hostName: "mx.bouquet.example",
  };
  const [organizationId, otherOrganizationId] = await store.transact(async (tx) => {
    const first = await createOrganization(tx, { name: "Bourg-Fleuri", kind: "member" });
    const second = await createOrganization(tx, { name: "Val-Joli", kind: "member" });
    await addDomain(tx, first, "bourg-fleuri.example");
    await addDomain(tx, second, "val-joli.example");
    return [first, second] as const;
  });

  async function createPerson(name: string, options: NewPerson = {}): Promise<MailPerson> {
    const organization = options.organizationId ?? organizationId;
    const domain = organization === organizationId ? "bourg-fleuri.example" : "val-joli.example";
    const address = `${name.toLowerCase()}@${domain}`;
    const { principal, mailboxes } = await store.transact(async (tx) => {
      const principal = await createPrincipal(tx, organization, {
        kind: options.kind ?? "person",
        displayName: name,
        address,
        ...(options.roles && { roles: options.roles }),
        quotas: { mail: options.quota ?? 2e9, files: 5e9 },
      });
      return { principal, mailboxes: await createDefaultMailboxes(tx, principal) };
    });
    const viewer: Viewer = {
      organizationId: organization,
      principalId: principal.principalId,
      uid: principal.uid,
      displayName: name,
      address,
      roles: new Set(options.roles ?? []),
      language: "fr",
    };
    return { access: await openOwnAccount(store.read, viewer), address, mailboxes };
  }

  return {
    store,
    connectionString: database.connectionString,
    deps,
    organizationId,
    otherOrganizationId,
    createPerson,
    async append(person, text, options = {}) {
      const { staged, analyzed } = await stageBytes(deps, mailBytes(text));
      return appendMessage(deps, person.access, {
        mailboxId: options.mailboxId ?? person.mailboxes.inbox,
        staged,
        analyzed,
        flags: options.flags ?? [],
        receivedAt: options.receivedAt ?? new Date("2026-02-02T09:00:00Z"),
      });
    },
    async close() {
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
