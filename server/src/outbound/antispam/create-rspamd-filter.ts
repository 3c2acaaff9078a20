import { request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import { pipeline } from "node:stream/promises";
import type { FilteredMessage, SpamFilter } from "../../domain/mail/screening/scanners.ts";

export interface RspamdOptions {
  /** Of a normal worker, such as http://127.0.0.1:11333. */
  readonly url: string;
  readonly password?: string | undefined;
  /** For the whole exchange. */
  readonly timeoutMs?: number;
}

const maxAnswer = 1024 * 1024;

/**
 * Asks rspamd about messages with POST /checkv2, the bytes streamed. What it says is checked: an answer that is not its own is an
 * error, like none.
 */
export function createRspamdFilter(options: RspamdOptions): SpamFilter {
  const url = new URL("checkv2", options.url.endsWith("/") ? options.url : `${options.url}/`);
  const timeoutMs = options.timeoutMs ?? 15_000;
  const start = url.protocol === "https:" ? requestByHttps : requestByHttp;
  return {
    async check(message) {
      const signal = AbortSignal.timeout(timeoutMs);
      const body = message.open();
      const request = start(url, { method: "POST", headers: headersOf(message, options.password), signal });
      const answer = new Promise<{ status: number; text: string }>((resolve, reject) => {
        request.on("error", reject);
        request.on("response", (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on("data", (chunk: Buffer) => {
            size += chunk.length;
            if (size > maxAnswer) response.destroy(new Error("rspamd's answer is too long"));
            else chunks.push(chunk);
          });
          response.on("error", reject);
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
          );
        });
      });
      try {
        // rspamd may answer, and close, before it has read everything: then the answer counts, not the broken pipe.
        const sent = pipeline(body, request).catch((error: unknown) => error);
        const { status, text } = await answer;
        body.destroy();
        await sent;
        if (status !== 200) throw new Error(`rspamd answered ${status}: ${text.slice(0, 200)}`);
        return readAnswer(text);
      } finally {
        body.destroy();
        request.destroy();
      }
    },
  };
}

function headersOf(message: FilteredMessage, password: string | undefined): Record<string, string | string[]> {
  const plain = (text: string) => text.replace(/[^\x21-\x7e]+/g, "?").slice(0, 500);
  return {
    "content-length": String(message.size),
    From: plain(message.sender),
    Rcpt: message.recipients.slice(0, 100).map(plain),
    IP: message.remoteAddress,
    Helo: plain(message.helo),
    ...(message.clientHostName !== undefined && { Hostname: plain(message.clientHostName) }),
    "Queue-Id": plain(message.id),
    ...(password !== undefined && { Password: password }),
  };
}

function readAnswer(text: string): Awaited<ReturnType<SpamFilter["check"]>> {
  const answer = JSON.parse(text) as Record<string, unknown>;
  const { action, score, required_score: requiredScore, symbols } = answer;
  if (typeof action !== "string" || typeof score !== "number") {
    throw new Error(`rspamd answered without a verdict: ${text.slice(0, 200)}`);
  }
  return {
    action: action.slice(0, 50),
    score: Number.isFinite(score) ? score : 0,
    requiredScore: typeof requiredScore === "number" && Number.isFinite(requiredScore) ? requiredScore : 0,
    symbols:
      typeof symbols === "object" && symbols !== null
        ? Object.keys(symbols)
            .slice(0, 200)
            .map((name) => name.slice(0, 100))
        : [],
  };
}
