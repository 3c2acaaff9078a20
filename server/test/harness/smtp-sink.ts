import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface SunkMessage {
  from: string;
  to: string[];
  isSecure: boolean;
  envelope: { bodyType?: string | undefined; dsn?: { ret: string | null; envid: string | null } | undefined };
  notify: (string[] | undefined)[];
  bytes: Buffer;
}

export interface SmtpSink {
  readonly port: number;
  readonly messages: SunkMessage[];
  /** Connections that were made. */
  readonly connections: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Answers to RCPT, by address; taken once each when in a list. */
  readonly rcptReplies: Map<string, { code: number; text: string }[]>;
  /** Answers to the data, taken in order. */
  readonly dataReplies: { code: number; text: string }[];
  /** Called with what came, before it is answered; the answer waits for it. */
  onTaken: ((message: SunkMessage) => Promise<void>) | undefined;
  /** Resolves when this many messages came. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Another mail server: takes everything, except what the test tells it to refuse. */
export async function startSmtpSink(options: SMTPServerOptions & { listenPort?: number } = {}): Promise<SmtpSink> {
  const messages: SunkMessage[] = [];
  const rcptReplies: SmtpSink["rcptReplies"] = new Map();
  const dataReplies: SmtpSink["dataReplies"] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let connections = 0;
  const failure = ({ code, text }: { code: number; text: string }) =>
    Object.assign(new Error(text), { responseCode: code });
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    hideDSN: false,
    hideENHANCEDSTATUSCODES: true,
    logger: false,
    onConnect(_session, callback) {
      connections++;
      callback();
    },
    onRcptTo({ address }, _session, callback) {
      const reply = rcptReplies.get(address)?.shift();
      callback(reply ? failure(reply) : null);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const reply = dataReplies.shift();
        if (reply) return callback(failure(reply));
        const message: SunkMessage = {
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : "",
          to: session.envelope.rcptTo.map((each) => each.address),
          isSecure: session.secure,
          envelope: { bodyType: session.envelope.bodyType, dsn: session.envelope.dsn },
          notify: session.envelope.rcptTo.map((each) => each.dsn?.notify),
          bytes: Buffer.concat(chunks),
        };
        messages.push(message);
        const answer = (): void => callback(null, "2.0.0 Ok: queued as SINK");
        if (sink.onTaken) void sink.onTaken(message).then(answer);
        else answer();
        for (const each of waiting) if (messages.length >= each.count) each.resolve();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(options.listenPort ?? 0, "127.0.0.1", () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const sink: SmtpSink = {
    port,
    messages,
    get connections() {
      return connections;
    },
    get open() {
      return server.connections.size;
    },
    rcptReplies,
    dataReplies,
    onTaken: undefined,
    received(count) {
      if (messages.length >= count) return Promise.resolve();
      return new Promise((resolve) => waiting.push({ count, resolve }));
    },
    close: () =>
      new Promise((resolve) => {
        for (const connection of server.connections) connection._socket.destroy();
        server.close(() => resolve());
      }),
  };
  return sink;
}
