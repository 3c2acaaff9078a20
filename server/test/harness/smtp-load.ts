import { setTimeout as delay } from "node:timers/promises";
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";

export interface SmtpLoad {
  /** Subjects that were answered 250. Each is sent once, whatever comes of it: what is sent again may come twice (RFC 1047). */
  readonly acknowledged: Set<string>;
  /** What else was answered. */
  readonly refusals: string[];
  /** Resolves when so many were acknowledged. */
  reaches(count: number): Promise<void>;
  /** Resolves when all are. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** Another server that has much to say: sends messages until `count` are acknowledged, on connections that it makes anew when they break. */
export function startSmtpLoad(options: {
  readonly ports: readonly number[];
  readonly to: readonly string[];
  readonly label: string;
  readonly count: number;
  readonly sessions: number;
}): SmtpLoad {
  const { ports, to, label, count } = options;
  const acknowledged = new Set<string>();
  const refusals: string[] = [];
  const waiting: { count: number; resolve(): void }[] = [];
  let last = 0;
  let isStopped = false;
  const isOver = (): boolean => isStopped || acknowledged.size >= count;

  async function work(session: number): Promise<void> {
    let connection: SMTPConnection | undefined;
    for (let turn = session; !isOver(); turn++) {
      try {
        connection ??= await connect(ports[turn % ports.length]!);
        const subject = `${label}-${last++}`;
        await send(connection, subject, to);
        acknowledged.add(subject);
        for (const each of waiting) if (acknowledged.size >= each.count) each.resolve();
      } catch (error) {
        refusals.push(String((error as { response?: string }).response ?? error));
        connection?.close();
        connection = undefined;
        await delay(100);
      }
    }
    connection?.close();
  }
  const done = Promise.all(Array.from({ length: options.sessions }, (_, session) => work(session))).then(() => {});
  return {
    acknowledged,
    refusals,
    done,
    reaches(wanted) {
      if (acknowledged.size >= wanted) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ count: wanted, resolve });
      return promise;
    },
    async stop() {
      isStopped = true;
      await done;
    },
  };
}

function connect(port: number): Promise<SMTPConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<SMTPConnection>();
  const connection = new SMTPConnection({ host: "127.0.0.1", port, ignoreTLS: true });
  connection.on("error", reject);
  connection.on("end", () => reject(new Error("The connection broke")));
  connection.connect((error) => (error ? reject(error) : resolve(connection)));
  return promise;
}

function send(connection: SMTPConnection, subject: string, to: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const broken = (): void => reject(new Error("The connection broke"));
  connection.once("error", broken);
  connection.once("end", broken);
  // Some are large enough to be a file of the blob store.
  const body = "Bonjour,\r\n".repeat(subject.endsWith("7") ? 8_000 : 20);
  const bytes = `From: a@sender.example\r\nTo: ${to[0]}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@sender.example>\r\n\r\n${body}`;
  connection.send({ from: "a@sender.example", to: [...to] }, bytes, (error) => {
    connection.off("error", broken);
    connection.off("end", broken);
    if (error) reject(error);
    else resolve();
  });
  return promise;
}
