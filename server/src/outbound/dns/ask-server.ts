import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { decodeMessage } from "../../formats/dns-message/decode-message.ts";
import {
  DnsFormatError,
  type DnsMessage,
  type RecordTypeName,
  recordTypes,
} from "../../formats/dns-message/dns-message.ts";
import { encodeQuery } from "../../formats/dns-message/encode-query.ts";

export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

export interface Question {
  readonly name: string;
  readonly type: RecordTypeName;
  readonly wantsAuthenticated: boolean;
}

/** Fits every path without fragments (RFC 9715). */
const payloadSize = 1232;

const formatError = 1;
const notImplemented = 4;

/**
 * Asks one server one question: over UDP from a port and with an id and capitals that nobody can guess (RFC 5452), over TCP when
 * the answer does not fit, without EDNS when the server does not know it.
 * @throws Error ETIMEOUT after the time allowed, or what the network says
 */
export async function askServer(server: DnsServer, question: Question, timeoutMs: number): Promise<DnsMessage> {
  const signal = AbortSignal.timeout(timeoutMs);
  const ask = async (size: number | undefined): Promise<DnsMessage> => {
    const overUdp = await askOverUdp(server, question, size, signal);
    return overUdp === "use TCP" || overUdp.isTruncated ? askOverTcp(server, question, size, signal) : overUdp;
  };
  try {
    const answer = await ask(payloadSize);
    const knowsNoEdns = answer.responseCode === formatError || answer.responseCode === notImplemented;
    return knowsNoEdns ? await ask(undefined) : answer;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw Object.assign(new Error(`${server.address} does not answer`, { cause: error }), { code: "ETIMEOUT" });
  }
}

/** Capitals at random: the answer must repeat them (draft-vixie-dnsext-dns0x20). */
function withRandomCase(name: string): string {
  return name.replace(/[a-z]/gi, (letter) => (randomInt(2) === 0 ? letter.toLowerCase() : letter.toUpperCase()));
}

interface Asked {
  readonly id: number;
  readonly name: string;
  readonly bytes: Buffer;
}

function makeQuery({ name, type, wantsAuthenticated }: Question, size: number | undefined): Asked {
  const id = randomInt(0x10000);
  const written = withRandomCase(name.replace(/\.$/, ""));
  const options = { id, wantsAuthenticated, ...(size !== undefined && { payloadSize: size }) };
  return { id, name: written, bytes: encodeQuery(written, type, options) };
}

/** `other case`: from a server that does not repeat capitals, or from a forger. */
function matches(asked: Asked, type: RecordTypeName, answer: DnsMessage): "yes" | "other case" | "no" {
  if (!answer.isResponse || answer.id !== asked.id) return "no";
  if (!answer.question) return answer.responseCode === 0 ? "no" : "yes";
  if (answer.question.type !== recordTypes[type]) return "no";
  if (answer.question.name === asked.name) return "yes";
  return answer.question.name.toLowerCase() === asked.name.toLowerCase() ? "other case" : "no";
}

function askOverUdp(
  server: DnsServer,
  question: Question,
  size: number | undefined,
  signal: AbortSignal,
): Promise<DnsMessage | "use TCP"> {
  return new Promise((resolve, reject) => {
    const asked = makeQuery(question, size);
    const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
    const finish = (settle: () => void): void => {
      signal.removeEventListener("abort", abort);
      socket.close();
      settle();
    };
    const abort = (): void => finish(() => reject(signal.reason));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", (error) => finish(() => reject(error)));
    socket.on("message", (bytes) => {
      const answer = tryDecode(bytes);
      // What is not the answer may be a forgery: the real one is still waited for.
      const match = answer ? matches(asked, question.type, answer) : "no";
      if (match === "yes") finish(() => resolve(answer!));
      else if (match === "other case") finish(() => resolve("use TCP"));
    });
    // Connected: the kernel lets in only what comes from this server.
    socket.connect(server.port, server.address, () => socket.send(asked.bytes));
  });
}

function askOverTcp(
  server: DnsServer,
  question: Question,
  size: number | undefined,
  signal: AbortSignal,
): Promise<DnsMessage> {
  return new Promise((resolve, reject) => {
    const asked = makeQuery(question, size);
    const socket = connect({ host: server.address, port: server.port });
    const chunks: Buffer[] = [];
    const finish = (settle: () => void): void => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      settle();
    };
    const abort = (): void => finish(() => reject(signal.reason));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", (error) => finish(() => reject(error)));
    socket.on("close", () => finish(() => reject(new DnsFormatError("The server closed before it had answered"))));
    socket.on("connect", () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(asked.bytes.length);
      socket.write(Buffer.concat([length, asked.bytes]));
    });
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE()) return;
      const answer = tryDecode(bytes.subarray(2, 2 + bytes.readUInt16BE()));
      if (answer && matches(asked, question.type, answer) !== "no") finish(() => resolve(answer));
      else finish(() => reject(new DnsFormatError("The server answered something else")));
    });
  });
}

function tryDecode(bytes: Buffer): DnsMessage | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof DnsFormatError) return undefined;
    throw error;
  }
}
