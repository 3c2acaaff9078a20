import { isIP } from "node:net";
import { TLSSocket } from "node:tls";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { findTlsaFault } from "../../formats/tlsa/match-certificates.ts";
import { defaultTimeouts, type Relay, type SmtpClientOptions } from "./smtp-client-options.ts";
import { type TlsDemand, TlsPolicyFailure } from "./tls-demand.ts";

export interface Peer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly auth: Relay["auth"];
}

export interface OpenConnection {
  readonly smtp: SMTPConnection;
  /** EHLO keywords that matter to us: DSN, SMTPUTF8, 8BITMIME, REQUIRETLS… */
  readonly extensions: ReadonlySet<string>;
  readonly isEncrypted: boolean;
  /** Set before a message whose MAIL command needs the keyword SMTPUTF8 though its addresses are ASCII (RFC 6531). */
  setSmtpUtf8(isOn: boolean): void;
  /** Says QUIT and lets go. */
  close(): void;
}

/**
 * Connects, greets, goes over to TLS and signs in when the route has a password. Unless more is demanded, certificates of servers
 * found by MX are not checked: refusing a bad one would only lead to plain text (RFC 7435). Those of a relay with a password
 * are, and TLS is then required.
 * @throws TlsPolicyFailure when the server does not prove what is demanded; otherwise the error of nodemailer, with
 *   `responseCode` and `response` when the server said something
 */
export async function openConnection(
  options: SmtpClientOptions,
  peer: Peer,
  demand: TlsDemand,
  signal: AbortSignal,
): Promise<OpenConnection> {
  try {
    return await connect(options, peer, demand, signal, true);
  } catch (error) {
    if (!(error instanceof UpgradeFailure)) throw demand.kind === "opportunistic" ? error : named(error, peer);
    // A STARTTLS that fails after it was offered breaks the connection; without password the mail goes in plain text.
    if (peer.auth || signal.aborted || demand.kind !== "opportunistic") throw named(unwrapped(error), peer);
    return await connect(options, peer, demand, signal, false);
  }
}

/** TLS was offered by STARTTLS and its handshake failed. */
class UpgradeFailure extends Error {
  override readonly name = "UpgradeFailure";
  constructor(cause: unknown) {
    super("STARTTLS failed", { cause });
  }
}

function unwrapped(error: UpgradeFailure): Error {
  return Object.assign(error.cause as Error, { code: "ETLS" });
}

/** nodemailer's words are about what it did, not about the server that lacks TLS. */
function named(error: unknown, peer: Peer): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== "ETLS" || error instanceof TlsPolicyFailure) return error;
  return new TlsPolicyFailure(`The server ${peer.name} does not offer the TLS that is required: ${message}`, {
    cause: error,
  });
}

interface Internals {
  _supportedExtensions?: readonly string[];
  _ehloLines?: readonly string[];
  _socket?: unknown;
  _sendCommand(line: string): void;
}

async function connect(
  options: SmtpClientOptions,
  peer: Peer,
  demand: TlsDemand,
  signal: AbortSignal,
  withTls: boolean,
): Promise<OpenConnection> {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const isLoopback = /^127\.|^::1$/.test(peer.address);
  const isChecked = demand.kind === "authorities" || (peer.auth !== undefined && !isLoopback);
  const isRequired = demand.kind !== "opportunistic" || (peer.auth !== undefined && !isLoopback);
  const serverName = demand.kind === "opportunistic" ? peer.name : demand.serverName;
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
    requireTLS: isRequired,
    opportunisticTLS: !isRequired && peer.auth === undefined,
    allowInternalNetworkInterfaces: true,
    tls: {
      rejectUnauthorized: isChecked,
      minVersion: "TLSv1.2",
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      ...(isChecked && options.ca !== undefined && { ca: options.ca }),
    },
  });
  const internals = smtp as unknown as Internals;
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
    checkDemand(demand, internals._socket, peer);
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
    forget();
    smtp.close();
    throw error;
  }
  // nodemailer shows these after a message only, and adds SMTPUTF8 for the addresses' sake, never for the header's.
  const lines = (internals._ehloLines ?? []).map((line) => line.split(" ", 1)[0]!.toUpperCase());
  let isUtf8 = false;
  const sendCommand = internals._sendCommand.bind(smtp);
  internals._sendCommand = (line) =>
    sendCommand(isUtf8 && line.startsWith("MAIL FROM:") && !/ SMTPUTF8\b/.test(line) ? `${line} SMTPUTF8` : line);
  return {
    smtp,
    extensions: new Set([...(internals._supportedExtensions ?? []), ...lines]),
    isEncrypted: internals._socket instanceof TLSSocket,
    setSmtpUtf8(isOn) {
      isUtf8 = isOn;
    },
    close: () => {
      forget();
      smtp.quit();
    },
  };
}

/** Before anything of the message is said (RFC 7672 section 3.1). @throws TlsPolicyFailure */
function checkDemand(demand: TlsDemand, socket: unknown, peer: Peer): void {
  if (demand.kind === "opportunistic") return;
  if (!(socket instanceof TLSSocket)) throw new TlsPolicyFailure(`The server ${peer.name} does not offer TLS`);
  if (demand.kind !== "dane") return;
  const fault = findTlsaFault(shownChain(socket), demand.tlsa, demand.names);
  if (fault !== undefined) throw new TlsPolicyFailure(`${peer.name}: ${fault}`);
}

const longestChain = 10;

function shownChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate = socket.getPeerCertificate(true);
  while (certificate?.raw && chain.length < longestChain) {
    chain.push(certificate.raw);
    if (!certificate.issuerCertificate || certificate.issuerCertificate === certificate) break;
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
