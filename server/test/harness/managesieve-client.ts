import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface ManageSieveAnswer {
  readonly verb: "OK" | "NO" | "BYE";
  /** Without parentheses. */
  readonly code: string | undefined;
  readonly text: string;
  /** What came before, literals in their place. */
  readonly lines: readonly string[];
}

/** A client of ManageSieve that sends what it is told, malformed or not. */
export class ManageSieveClient {
  #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#attach(socket);
  }

  static async open(port: number): Promise<{ client: ManageSieveClient; greeting: ManageSieveAnswer }> {
    const client = new ManageSieveClient(connect({ host: "127.0.0.1", port }));
    return { client, greeting: await client.answer() };
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  async startTls(): Promise<ManageSieveAnswer> {
    const answer = await this.run("STARTTLS");
    if (answer.verb !== "OK") return answer;
    this.#socket.removeAllListeners("data");
    this.#socket.removeAllListeners("close");
    this.#attach(connectTls({ socket: this.#socket, rejectUnauthorized: false }));
    return this.answer();
  }

  send(text: string | Buffer): void {
    this.#socket.write(text);
  }

  async run(command: string): Promise<ManageSieveAnswer> {
    this.send(`${command}\r\n`);
    return this.answer();
  }

  signIn(name: string, password: string, authorizationId = ""): Promise<ManageSieveAnswer> {
    const message = Buffer.from(`${authorizationId}\0${name}\0${password}`).toString("base64");
    return this.run(`AUTHENTICATE "PLAIN" "${message}"`);
  }

  put(name: string, script: string): Promise<ManageSieveAnswer> {
    return this.run(`PUTSCRIPT "${name}" {${Buffer.byteLength(script)}+}\r\n${script}`);
  }

  /** A line with the literals in it; null when the server has closed. */
  async line(): Promise<string | null> {
    let from = 0;
    for (;;) {
      const end = this.#received.indexOf("\r\n", from);
      if (end < 0) {
        if (this.#closed) return null;
        await this.#more();
        continue;
      }
      const literal = /\{(\d+)\}$/.exec(this.#received.toString("latin1", from, end));
      if (!literal) {
        const text = this.#received.toString("utf8", 0, end);
        this.#received = this.#received.subarray(end + 2);
        return text;
      }
      from = end + 2 + Number(literal[1]);
      while (this.#received.length < from && !this.#closed) await this.#more();
    }
  }

  async answer(): Promise<ManageSieveAnswer> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === null) throw new Error(`The server closed after:\n${lines.join("\n")}`);
      const found = /^(OK|NO|BYE)(?: \(((?:[^()"]|"[^"]*")*)\))?(?: ([\s\S]*))?$/.exec(line);
      if (!found) {
        lines.push(line);
        continue;
      }
      const text = (found[3] ?? "").replace(/^\{\d+\}\r\n/, "").replace(/^"([\s\S]*)"$/, "$1");
      return { verb: found[1] as ManageSieveAnswer["verb"], code: found[2], text, lines };
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("The ManageSieve server does not answer")), 60_000);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }
}
