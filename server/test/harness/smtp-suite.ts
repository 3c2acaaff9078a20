import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { listAccounts } from "../../src/domain/access/account-access.ts";
import { createAppPassword } from "../../src/domain/identity/app-passwords.ts";
import type { CreatedPrincipal, NewPrincipal } from "../../src/domain/identity/create-principal.ts";
import type { IdentityDeps } from "../../src/domain/identity/identity-deps.ts";
import type { Viewer } from "../../src/domain/identity/viewer.ts";
import { createMember } from "../../src/domain/lifecycle/create-member.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { SendingLimits } from "../../src/domain/mail/limits/sending-limits.ts";
import type { SendingLimitSettings } from "../../src/domain/mail/limits/sending-rates.ts";
import type { ScreeningOptions } from "../../src/domain/mail/screening/screening-deps.ts";
import type { SubmissionDeps } from "../../src/domain/mail/submission/submit-message.ts";
import { TraceBuffer } from "../../src/domain/mail/trace/trace-buffer.ts";
import { analyzeMessage } from "../../src/formats/mime/analyze-message.ts";
import { openTls } from "../../src/net/tls.ts";
import { createSmtpMetrics } from "../../src/protocols/smtp/smtp-metrics.ts";
import type { ReceivingOptions, SmtpLimits, SmtpServer } from "../../src/protocols/smtp/smtp-options.ts";
import { startReceiving } from "../../src/protocols/smtp/start-receiving.ts";
import { startSubmission } from "../../src/protocols/smtp/start-submission.ts";
import { Blobs } from "../../src/store/blobs/blobs.ts";
import { openFilesystemBlobs } from "../../src/store/blobs/filesystem.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { FakeDns } from "./fake-dns.ts";
import { makeIdentity } from "./identity-suite.ts";
import { openTestStore } from "./test-database.ts";

export interface SmtpPerson extends CreatedPrincipal {
  address: string;
  viewer: Viewer;
  /** An app password for SMTP. */
  secret: string;
}

export interface SmtpSuite {
  readonly domain: string;
  readonly organizationId: string;
  readonly dns: FakeDns;
  readonly identity: IdentityDeps;
  readonly mail: SubmissionDeps;
  readonly receiving: SmtpServer;
  readonly submission: SmtpServer;
  readonly submissions: SmtpServer;
  readonly trace: TraceBuffer;
  addPerson(name: string, changes?: Partial<NewPrincipal>): Promise<SmtpPerson>;
  /** What is in the inbox, oldest first, whole. */
  readInbox(account: { organizationId: string; accountId: string }): Promise<string[]>;
  connect(server: SmtpServer): Promise<RawSmtp>;
  connectTls(server: SmtpServer): Promise<RawSmtp>;
  close(): Promise<void>;
}

export const messageSizeLimit = 25_000_000;

/** The three SMTP servers on free ports over a database of their own. */
export async function startSmtpSuite(
  options: {
    limits?: Partial<SmtpLimits>;
    sizeLimit?: number;
    allowPlainAuth?: boolean;
    /** Of all three servers. */
    proxies?: readonly string[];
    receiving?: Pick<ReceivingOptions, "rates" | "greylist" | "trustedNetworks">;
    /** Of what comes and of what is submitted. */
    screening?: ScreeningOptions;
    sendingLimits?: SendingLimitSettings;
  } = {},
): Promise<SmtpSuite> {
  const { store, close: closeStore } = await openTestStore();
  const directory = await mkdtemp(join(tmpdir(), "bouquet-smtp-"));
  const identity = await makeIdentity(store);
  const domain = "bourg-fleuri.example";
  const { organizationId } = await createMember(identity, { name: "Bourg-Fleuri", kind: "member", domains: [domain] });
  const blobs = new Blobs(await openFilesystemBlobs(join(directory, "blobs")));
  const limits = options.sendingLimits && new SendingLimits(store, options.sendingLimits);
  const mail: SubmissionDeps = {
    store,
    blobs,
    analyze: async (bytes) => analyzeMessage(bytes),
    secrets: identity.secrets,
    hostName: "mx.bouquet.example",
    ...(limits && { limits }),
    ...(options.screening && { screening: options.screening, trustedSealers: options.screening.trustedSealers ?? [] }),
  };
  const tls = await openTls({ files: undefined, directory, hostNames: ["localhost"], log: silentLogger });
  const dns = new FakeDns();
  const trace = new TraceBuffer(store, silentLogger);
  const common = {
    mail,
    tls,
    hostName: "mx.bouquet.example",
    messageSizeLimit: options.sizeLimit ?? messageSizeLimit,
    spoolDirectory: directory,
    log: silentLogger,
    metrics: createSmtpMetrics(createMetrics()),
    trace,
    listen: { host: "127.0.0.1", port: 0 },
    ...(options.limits && { limits: options.limits }),
    ...(options.proxies && { proxies: options.proxies }),
  };
  const submitting = {
    ...common,
    allowPlainAuthOnLoopback: options.allowPlainAuth ?? false,
    identity,
  };
  const receiving = await startReceiving({
    ...common,
    ...options.receiving,
    ...(options.screening && { screening: options.screening }),
    resolver: dns,
  });
  const submission = await startSubmission({ ...submitting, implicitTls: false });
  const submissions = await startSubmission({ ...submitting, implicitTls: true });
  const clients = new Set<RawSmtp>();
  const track = async (client: RawSmtp): Promise<RawSmtp> => {
    clients.add(client);
    await client.greeting;
    return client;
  };

  return {
    domain,
    organizationId,
    dns,
    identity,
    mail,
    receiving,
    submission,
    submissions,
    trace,
    async addPerson(name, changes = {}) {
      const address = `${name.toLowerCase()}@${domain}`;
      const created = await createPrincipalWithServices(store, organizationId, {
        kind: "person",
        displayName: name,
        address,
        quotas: { mail: 2e9, files: 5e9 },
        ...changes,
      });
      const { secret } = await createAppPassword(identity, created, {
        name: "Thunderbird",
        scopes: changes.kind === "service" ? ["send"] : ["smtp"],
      });
      const viewer: Viewer = {
        organizationId,
        principalId: created.principalId,
        uid: created.uid,
        displayName: name,
        address,
        roles: new Set(changes.roles ?? []),
        language: "fr",
      };
      await listAccounts(store.read, viewer);
      return { ...created, address, viewer, secret };
    },
    async readInbox(account) {
      const rows = await store.read
        .selectFrom("mailbox_message as x")
        .innerJoin("mailbox as m", "m.id", "x.mailbox_id")
        .innerJoin("message as e", "e.id", "x.message_id")
        .select("e.blob_id")
        .where("m.account_id", "=", account.accountId)
        .where("m.role", "=", "inbox")
        .orderBy("x.uid")
        .execute();
      const texts: string[] = [];
      for (const { blob_id } of rows) {
        texts.push((await blobs.readAll(store.read, account.organizationId, blob_id, 1e9))!.toString("latin1"));
      }
      return texts;
    },
    connect: (server) => track(new RawSmtp(connect({ host: "127.0.0.1", port: server.port }))),
    connectTls: (server) =>
      track(new RawSmtp(connectTls({ host: "127.0.0.1", port: server.port, rejectUnauthorized: false }))),
    async close() {
      for (const client of clients) client.socket.destroy();
      await Promise.all([receiving.close(0), submission.close(0), submissions.close(0)]);
      await trace.flush();
      await limits?.usage.flush();
      await closeStore();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** An SMTP client that sends exactly the bytes it is told to. */
export class RawSmtp {
  socket: Socket;
  readonly greeting: Promise<string>;
  /** Resolves when the server has ended the connection. */
  readonly closed: Promise<void>;
  #received = "";
  readonly #waiting: { resolve(reply: string): void; reject(error: Error): void }[] = [];
  readonly #replies: string[] = [];
  #ended = false;

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    this.#listen(socket);
    this.greeting = this.reply();
  }

  #listen(socket: Socket): void {
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => this.#take(chunk.toString("latin1")));
    socket.on("close", () => {
      this.#ended = true;
      for (const waiting of this.#waiting.splice(0)) waiting.reject(new Error("The connection closed"));
    });
  }

  #take(text: string): void {
    this.#received += text;
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/.exec(this.#received);
      if (!match) return;
      this.#received = this.#received.slice(match[0].length);
      const reply = match[0].trimEnd();
      const waiting = this.#waiting.shift();
      if (waiting) waiting.resolve(reply);
      else this.#replies.push(reply);
    }
  }

  /** The next reply that no one has waited for. */
  reply(): Promise<string> {
    const ready = this.#replies.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#ended) return Promise.reject(new Error("The connection closed"));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  write(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Sends a line and waits for its reply. */
  send(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** From EHLO up to the 354. @returns the replies that were not as expected */
  async begin(from: string, ...to: string[]): Promise<string> {
    await this.send("EHLO client.example");
    await this.send(`MAIL FROM:<${from}>`);
    for (const each of to) await this.send(`RCPT TO:<${each}>`);
    return this.send("DATA");
  }

  async startTls(): Promise<void> {
    await this.send("STARTTLS");
    this.socket.removeAllListeners("data");
    const plain = this.socket;
    this.socket = connectTls({ socket: plain, rejectUnauthorized: false });
    this.#listen(this.socket);
    await new Promise((resolve) => this.socket.once("secureConnect", resolve));
  }
}
