import type { Readable } from "node:stream";
import type { ResolvedRecipient } from "../delivery/resolve-recipient.ts";
import { authenticateMessage } from "./authenticate-message.ts";
import type { Screening } from "./screening.ts";
import type { ScreeningDeps } from "./screening-deps.ts";

/** A message that a client of port 25 has given, before it is answered. */
export interface Candidate {
  /** Such as the queue id of the Received field. */
  readonly id: string;
  readonly remoteAddress: string;
  readonly helo: string;
  /** The name that the reverse DNS gives the client, if one is known. */
  readonly clientHostName?: string;
  /** The return path, '' for notifications. */
  readonly sender: string;
  readonly recipients: readonly ResolvedRecipient[];
  /** In bytes. */
  readonly size: number;
  /** The bytes as they came; each call reads them anew. */
  open(range?: { start: number; end: number }): Readable;
}

/**
 * Authenticates and checks a message.
 * @returns the fields to put in front of it (CRLF-ended) and what was found
 * @throws DomainError `message_refused` (data.status, the text for the client), `unavailable`
 */
export async function screenMessage(
  deps: ScreeningDeps,
  candidate: Candidate,
): Promise<{ headers: string; screening: Screening }> {
  const { header, findings } = await authenticateMessage(deps.resolver, candidate.open(), candidate, deps.hostName);
  return {
    headers: header,
    screening: { authenticity: findings, remoteAddress: candidate.remoteAddress, listHits: [] },
  };
}
