import { parseSequenceSet, resolveRanges } from "../../src/formats/imap-syntax/sequence-set.ts";
import type { RawClient } from "./imap-suite.ts";

/** A copy of a mailbox that a client keeps by QRESYNC (RFC 7162), believing exactly what the server tells it. */
export class SyncedMailbox {
  readonly #messages = new Map<number, { flags: string; modseq: number }>();
  #uidvalidity = "";
  /** Everything up to this modseq is known. */
  #modseq = 0;
  #seen = 0;
  #exists = 0;

  /** Selects the mailbox on a connection that is signed in and takes what happened since the last time. */
  async resume(client: RawClient, name: string): Promise<void> {
    await expectOk(client, "ENABLE QRESYNC");
    const parameters = this.#modseq > 0 ? ` (QRESYNC (${this.#uidvalidity} ${this.#modseq}))` : "";
    const lines = await expectOk(client, `SELECT ${name}${parameters}`);
    const value = (code: string): string =>
      new RegExp(`\\[${code} (\\d+)\\]`).exec(lines.find((line) => line.includes(`[${code} `)) ?? "")![1]!;
    this.#uidvalidity = value("UIDVALIDITY");
    if (this.#modseq === 0) lines.push(...(await expectOk(client, "UID FETCH 1:* (FLAGS MODSEQ)")));
    this.#take(lines);
    this.#modseq = Math.max(this.#modseq, Number(value("HIGHESTMODSEQ")));
    await this.follow(client);
  }

  /** Asks for news, and for what is not known of new messages. */
  async follow(client: RawClient): Promise<void> {
    this.#take(await expectOk(client, "NOOP"));
    const settled = this.#seen;
    // A UID FETCH may tell of more that arrived.
    while (this.#exists > this.#messages.size) {
      const last = Math.max(0, ...this.#messages.keys());
      this.#take(await expectOk(client, `UID FETCH ${last + 1}:* (FLAGS MODSEQ)`));
    }
    // What NOOP told goes this far; an answer to FETCH may be ahead of what was told.
    this.#modseq = Math.max(this.#modseq, settled);
    if (this.#exists !== this.#messages.size) {
      throw new Error(`The server has ${this.#exists} messages, the client knows ${this.#messages.size}`);
    }
  }

  /** Uid, flags and modseq of each message, ascending. */
  view(): string[] {
    return [...this.#messages].sort(([a], [b]) => a - b).map(([uid, { flags, modseq }]) => `${uid} ${flags} ${modseq}`);
  }

  #take(lines: readonly string[]): void {
    for (const line of lines) {
      const exists = /^\* (\d+) EXISTS$/.exec(line);
      if (exists) this.#exists = Number(exists[1]);
      const vanished = /^\* VANISHED (\(EARLIER\) )?([\d:,]+)$/.exec(line);
      if (vanished) {
        const set = parseSequenceSet(vanished[2]!);
        if (set.kind !== "ranges") throw new Error(line);
        for (const { from, to } of resolveRanges(set.ranges, 0)) {
          for (let uid = from; uid <= to; uid++) {
            this.#messages.delete(uid);
            if (!vanished[1]) this.#exists -= 1;
          }
        }
      }
      if (/^\* \d+ FETCH /.test(line)) this.#takeFetch(line);
    }
  }

  #takeFetch(line: string): void {
    const uid = Number(/\bUID (\d+)/.exec(line)?.[1]);
    const modseq = Number(/\bMODSEQ \((\d+)\)/.exec(line)?.[1]);
    const flags = /\bFLAGS \(([^)]*)\)/.exec(line)?.[1];
    if (!(uid > 0) || !(modseq > 0) || flags === undefined) throw new Error(`Not what QRESYNC asks for: ${line}`);
    const known = this.#messages.get(uid);
    if (known && known.modseq > modseq) throw new Error(`Message ${uid} went back from ${known.modseq}: ${line}`);
    // \Recent is of the session that has the message selected, and never synchronized.
    const kept = flags.split(" ").filter((flag) => flag !== "" && flag !== "\\Recent");
    this.#messages.set(uid, { flags: kept.sort().join(" "), modseq });
    this.#seen = Math.max(this.#seen, modseq);
  }
}

/** @throws unless the server says OK */
async function expectOk(client: RawClient, command: string): Promise<string[]> {
  const lines = await client.run(command);
  if (!lines.at(-1)!.startsWith("OK")) throw new Error(`${command}: ${lines.at(-1)}`);
  return lines;
}
