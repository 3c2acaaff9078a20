import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** The smallest client that both servers can be measured with: one command at a time, answers counted but not parsed. */
export class ImapClient {
  readonly #socket: Socket;
  #tag = 0;
  #tail = Buffer.alloc(0);
  #waiting: { tag: string; bytes: number; start: Buffer[]; done: (answer: Answer) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  static async signIn(port: number, user: string, password: string, { tls = false } = {}): Promise<ImapClient> {
    const address = { host: "127.0.0.1", port };
    // The certificate is the program's own, made for the benchmark.
    const socket = tls ? connectTls({ ...address, rejectUnauthorized: false }) : connect({ ...address, noDelay: true });
    await once(socket, "data");
    const client = new ImapClient(socket);
    await client.call(`LOGIN "${user}" "${password}"`);
    return client;
  }

  /** @throws unless the server says OK */
  async call(command: string | Buffer): Promise<Answer> {
    const tag = `a${++this.#tag}`;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting = { tag, bytes: 0, start: [], done: resolve };
    this.#socket.write(Buffer.concat([Buffer.from(`${tag} `), Buffer.from(command), Buffer.from("\r\n")]));
    const answer = await promise;
    if (!answer.status.startsWith(`${tag} OK`)) throw new Error(`${command.slice(0, 60)}: ${answer.status}`);
    return answer;
  }

  append(mailbox: string, message: Buffer): Promise<Answer> {
    return this.call(Buffer.concat([Buffer.from(`APPEND ${mailbox} {${message.length}+}\r\n`), message]));
  }

  /** Enters IDLE, and stays there. */
  async idle(): Promise<void> {
    this.#socket.write("idle IDLE\r\n");
    await once(this.#socket, "data");
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    waiting.bytes += chunk.length;
    if (waiting.start.length < 4) waiting.start.push(chunk);
    // The tagged answer is the last line; literals cannot end a batch of answers.
    this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-1_000);
    if (this.#tail.at(-1) !== 10) return;
    const line = this.#tail.toString("latin1").trimEnd().split("\r\n").at(-1)!;
    if (!line.startsWith(`${waiting.tag} `)) return;
    this.#waiting = undefined;
    this.#tail = Buffer.alloc(0);
    waiting.done({ status: line, bytes: waiting.bytes, start: Buffer.concat(waiting.start).toString("latin1") });
  }
}

export interface Answer {
  readonly status: string;
  readonly bytes: number;
  /** The beginning of what came. */
  readonly start: string;
}
