import { isIP } from "node:net";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { defaultTimeouts, type Relay, type SmtpClientOptions } from "./smtp-client-options.ts";

export interface Peer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly auth: Relay["auth"];
}

export interface OpenConnection {
  readonly smtp: SMTPConnection;
  readonly supportsDsn: boolean;
  /** Says QUIT and lets go. */
  close(): void;
}

/**
 * Connects, greets, goes over to TLS when the server offers it, and signs in when the route has a password. Certificates of
 * servers found by MX are not checked: refusing a bad one would only lead to plain text (RFC 7435). Those of a relay with a
 * password are, and TLS is then required.
 * @throws the error of nodemailer, with `responseCode` and `response` when the server said something
 */
export async function openConnection(
  options: SmtpClientOptions,
  peer: Peer,
  signal: AbortSignal,
): Promise<OpenConnection> {
  try {
    return await connect(options, peer, signal, true);
  } catch (error) {
    // A STARTTLS that fails after it was offered breaks the connection; without password the mail goes in plain text.
    if (!(error instanceof UpgradeFailure) || peer.auth || signal.aborted) throw unwrapped(error);
    return await connect(options, peer, signal, false);
  }
}

/** TLS was offered by STARTTLS and its handshake failed. */
class UpgradeFailure extends Error {
  override readonly name = "UpgradeFailure";
  constructor(cause: unknown) {
    super("STARTTLS failed", { cause });
  }
}

function unwrapped(error: unknown): unknown {
  if (!(error instanceof UpgradeFailure)) return error;
  return Object.assign(error.cause as Error, { code: "ETLS" });
}

async function connect(
  options: SmtpClientOptions,
  peer: Peer,
  signal: AbortSignal,
  withTls: boolean,
): Promise<OpenConnection> {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const isLoopback = /^127\.|^::1$/.test(peer.address);
  const smtp = new SMTPConnection({
    host: peer.address,
    port: peer.port,
    secure: peer.port === 465,
    name: options.heloName,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.idleMs,
    maxResponseSize: 64 * 1024,
    ignoreTLS: !withTls,
    requireTLS: peer.auth !== undefined && !isLoopback,
    opportunisticTLS: peer.auth === undefined,
    allowInternalNetworkInterfaces: true,
    tls: {
      rejectUnauthorized: peer.auth !== undefined && !isLoopback,
      minVersion: "TLSv1.2",
      ...(isIP(peer.name) === 0 ? { servername: peer.name } : {}),
    },
  });
  const abort = (): void => smtp.close();
  signal.addEventListener("abort", abort, { once: true });
  const forget = (): void => signal.removeEventListener("abort", abort);
  smtp.once("end", forget);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  smtp.on("error", (error) => failed.reject(smtp.upgrading ? new UpgradeFailure(error) : error));
  smtp.once("end", () => failed.reject(Object.assign(new Error("The connection closed"), { code: "ECONNECTION" })));
  try {
    signal.throwIfAborted();
    await Promise.race([
      failed.promise,
      new Promise<void>((resolve, reject) => smtp.connect((error) => (error ? reject(error) : resolve()))),
    ]);
    const { auth } = peer;
    if (auth) {
      await Promise.race([
        failed.promise,
        new Promise<void>((resolve, reject) =>
          smtp.login({ user: auth.user, pass: auth.password }, (error) => (error ? reject(error) : resolve())),
        ),
      ]);
    }
  } catch (error) {
    smtp.close();
    throw error;
  }
  // Not in the types, and send() tells the EHLO lines only after the fact.
  const extensions = (smtp as unknown as { _supportedExtensions?: readonly string[] })._supportedExtensions ?? [];
  return {
    smtp,
    supportsDsn: extensions.includes("DSN"),
    close: () => {
      forget();
      smtp.quit();
    },
  };
}
