import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { Right } from "../../src/domain/access/account-access.ts";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { createAppPassword } from "../../src/domain/identity/app-passwords.ts";
import type { CreatedPrincipal } from "../../src/domain/identity/create-principal.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import type { AnalyzingMailDeps } from "../../src/domain/mail/model.ts";
import { analyzeMessage } from "../../src/formats/mime/analyze-message.ts";
import { startListener } from "../../src/net/listener.ts";
import { openTls } from "../../src/net/tls.ts";
import type { ImapDeps } from "../../src/protocols/imap/imap-deps.ts";
import { createImapMetrics } from "../../src/protocols/imap/imap-metrics.ts";
import { serveClient } from "../../src/protocols/imap/serve-client.ts";
import { defaultImapSettings, type ImapSettings } from "../../src/protocols/imap/settings.ts";
import { Blobs } from "../../src/store/blobs/blobs.ts";
import { openFilesystemBlobs } from "../../src/store/blobs/filesystem.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { makeIdentity, makeOrganization, type TestOrganization } from "./identity-suite.ts";
import { openTestStore } from "./test-database.ts";

export interface MailPerson extends CreatedPrincipal {
  address: string;
  /** An app password. */
  secret: string;
  appPasswordId: string;
}

export interface ImapSuite {
  readonly port: number;
  readonly tlsPort: number;
  readonly connectionString: string;
  readonly organization: TestOrganization;
  readonly mail: AnalyzingMailDeps;
  readonly deps: ImapDeps;
  addPerson(displayName?: string, mailQuota?: number): Promise<MailPerson>;
  /** A shared mailbox, and what a person may do in it. */
  shareMailbox(displayName: string, person: MailPerson, rights: readonly Right[]): Promise<CreatedPrincipal>;
  connect(): Promise<RawClient>;
  connectTls(): Promise<RawClient>;
  /** A connection that is signed in. */
  signIn(person: MailPerson): Promise<RawClient>;
  /** Stops the listeners as an orderly stop does. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

let counter = 0;

/** The IMAP server alone, on free ports, over a database of its own: with settings that the whole program does not offer. */
export async function startImapSuite(changes: Partial<ImapSettings> = {}): Promise<ImapSuite> {
  const { store, connectionString, close: closeStore } = await openTestStore();
  const directory = await mkdtemp(join(tmpdir(), "bouquet-imap-"));
  const identity = await makeIdentity(store);
  const organization = await makeOrganization(store);
  const blobs = new Blobs(await openFilesystemBlobs(join(directory, "blobs")));
  const mail: AnalyzingMailDeps = { store, blobs, analyze: async (bytes) => analyzeMessage(bytes) };
  const deps: ImapDeps = {
    mail,
    identity,
    settings: { ...defaultImapSettings, ...changes },
    log: silentLogger,
    metrics: createImapMetrics(createMetrics({ process: false })),
    connectionsOf: new Map(),
  };
  const tls = await openTls({ files: undefined, directory, hostNames: ["localhost"], log: silentLogger });
  const start = (implicitTls: boolean) =>
    startListener({
      name: "IMAP",
      listen: { host: "127.0.0.1", port: 0 },
      tls,
      implicitTls,
      log: silentLogger,
      onConnection: (connection) => serveClient(connection, deps),
    });
  const plain = await start(false);
  const secure = await start(true);
  const clients = new Set<RawClient>();

  const add = (kind: "person" | "shared_mailbox", displayName: string, address: string, mailQuota = 2e9) =>
    createPrincipalWithServices(store, organization.organizationId, {
      kind,
      displayName,
      address,
      quotas: { mail: mailQuota, files: 0 },
    });
  const open = async (socket: Socket, event: string) => {
    const client = new RawClient(socket);
    clients.add(client);
    await new Promise<void>((resolve, reject) => {
      socket.once(event, () => resolve());
      socket.once("error", reject);
    });
    return client;
  };
  const suite: ImapSuite = {
    port: plain.port,
    tlsPort: secure.port,
    connectionString,
    organization,
    mail,
    deps,
    async addPerson(displayName = "Nadia Kessler", mailQuota) {
      const address = `agent${++counter}@${organization.domain}`;
      const created = await add("person", displayName, address, mailQuota);
      const { secret, appPassword } = await createAppPassword(identity, created, { name: "poste", scopes: ["imap"] });
      return { ...created, address, secret, appPasswordId: appPassword.id };
    },
    async shareMailbox(displayName, person, rights) {
      const created = await add("shared_mailbox", displayName, `partage${++counter}@${organization.domain}`);
      await store.transact((tx) => grantAccount(tx, created, person, rights));
      return created;
    },
    connect: () => open(connect({ host: "127.0.0.1", port: plain.port }), "connect"),
    connectTls: () =>
      open(connectTls({ host: "127.0.0.1", port: secure.port, rejectUnauthorized: false }), "secureConnect"),
    async signIn(person) {
      const client = await suite.connect();
      await client.readLine();
      await client.run(`LOGIN ${person.address} ${person.secret}`);
      return client;
    },
    async stop() {
      await Promise.all([plain.close(5000), secure.close(5000)]);
    },
    async close() {
      for (const client of clients) client.destroy();
      await suite.stop();
      await closeStore();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return suite;
}

/** A client that sends what it is told, malformed or not, and reads whole responses. */
export class RawClient {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #closed = false;
  #wake: (() => void) | null = null;
  #tags = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  send(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** A line, with the literals in it; null when the server has closed. */
  async readLine(): Promise<string | null> {
    let from = 0;
    for (;;) {
      const end = this.#received.indexOf("\r\n", from);
      if (end === -1) {
        if (this.#closed) return null;
        await this.#more();
        continue;
      }
      const literal = /\{(\d+)\}$/.exec(this.#received.toString("latin1", from, end));
      if (literal === null) {
        const line = this.#received.toString("utf8", 0, end);
        this.#received = this.#received.subarray(end + 2);
        return line;
      }
      from = end + 2 + Number(literal[1]);
      while (this.#received.length < from && !this.#closed) await this.#more();
    }
  }

  /** Lines up to and with one that matches. */
  async readUntil(pattern: RegExp): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.readLine();
      if (line === null) throw new Error(`The server closed before ${pattern}; it said:\n${lines.join("\n")}`);
      lines.push(line);
      if (pattern.test(line)) return lines;
    }
  }

  /** Sends a command and returns its responses; the last is the tagged one, its tag left out. */
  async run(command: string): Promise<string[]> {
    const tag = `t${++this.#tags}`;
    this.send(`${tag} ${command}\r\n`);
    const lines = await this.readUntil(new RegExp(`^${tag} `));
    lines[lines.length - 1] = lines[lines.length - 1]!.slice(tag.length + 1);
    return lines;
  }

  /** Appends a message with a non-synchronizing literal. */
  append(mailbox: string, message: string, flags = ""): Promise<string[]> {
    return this.run(`APPEND ${mailbox} ${flags}{${Buffer.byteLength(message)}+}\r\n${message}`);
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#closed) await this.#more();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }
}

/** A small message. */
export function sampleMessage(subject: string, body = "Bonjour,\r\n\r\nCordialement\r\n"): string {
  return [
    "From: Anne Martin <anne@exemple.example>",
    "To: agent@bourg.example",
    `Subject: ${subject}`,
    `Message-ID: <${subject.replace(/\W/g, "")}@exemple.example>`,
    "Date: Mon, 23 Nov 2026 08:30:00 +0100",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    body,
  ].join("\r\n");
}
