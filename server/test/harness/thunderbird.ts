import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

/** Thunderbird without a screen, driven from inside by Marionette, Mozilla's remote protocol. */
export interface Thunderbird {
  /** Runs the body of an async function in the program, where `MailServices`, `until` and `args` are known. */
  run(body: string, ...args: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

const preferences = {
  "app.update.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "mail.provider.suppress_dialog_on_startup": true,
  "mail.shell.checkDefaultClient": false,
  "mail.spotlight.firstRunDone": true,
  "mailnews.start_page.enabled": false,
  "network.proxy.type": 0,
};

const prelude = `
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const until = async (what, condition) => {
  for (let tries = 0; tries < 600; tries++) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("This did not happen: " + what);
};
const args = arguments[0];
const done = arguments[arguments.length - 1];
`;

/** Starts Thunderbird on a profile of its own. */
export async function startThunderbird(): Promise<Thunderbird> {
  const directory = await mkdtemp(join(tmpdir(), "bouquet-thunderbird-"));
  const port = await freePort();
  const lines = Object.entries({ ...preferences, "marionette.port": port });
  await writeFile(
    join(directory, "user.js"),
    lines.map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(""),
  );
  const child = spawn(
    "thunderbird",
    ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", directory],
    { stdio: "ignore", env: { ...process.env, HOME: directory, MOZ_HEADLESS: "1", TMPDIR: directory } },
  );
  // Without a listener, a program that is missing would end the test run instead of failing this test.
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  failed.catch(() => {});
  const close = async () => {
    await end(child);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const marionette = await Promise.race([Marionette.connect(port, child), failed]);
    await marionette.command("WebDriver:NewSession", {});
    await marionette.command("Marionette:SetContext", { value: "chrome" });
    await marionette.command("WebDriver:SetTimeouts", { script: 120_000 });
    return {
      async run(body, ...args) {
        const script = `${prelude}(async () => {${body}\n})().then((value) => done({ value: value ?? null }), (error) => done({ error: String(error) + "\\n" + (error?.stack ?? "") }));`;
        const { value } = (await marionette.command("WebDriver:ExecuteAsyncScript", {
          script,
          args: [args],
          newSandbox: true,
        })) as { value: { value: unknown } | { error: string } };
        if ("error" in value) throw new Error(value.error);
        return value.value;
      },
      async close() {
        marionette.end();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** `length:[0, id, command, parameters]` there, `length:[1, id, error, result]` back. */
class Marionette {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};
  #isClosed = false;
  #ids = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static async connect(port: number, child: ChildProcess): Promise<Marionette> {
    const deadline = Date.now() + 90_000;
    while (Date.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`Thunderbird ended with ${child.exitCode}`);
      const socket = connect({ host: "127.0.0.1", port });
      const opened = await new Promise<boolean>((resolve) => {
        socket.once("connect", () => resolve(true));
        socket.once("error", () => resolve(false));
      });
      if (opened) {
        const marionette = new Marionette(socket);
        await marionette.#read();
        return marionette;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error("Thunderbird did not open its Marionette port");
  }

  async command(name: string, parameters: object): Promise<unknown> {
    const text = Buffer.from(JSON.stringify([0, ++this.#ids, name, parameters]));
    this.#socket.write(Buffer.concat([Buffer.from(`${text.length}:`), text]));
    const [, , error, result] = (await this.#read()) as [number, number, { message: string } | null, unknown];
    if (error) throw new Error(`${name}: ${error.message}`);
    return result;
  }

  end(): void {
    this.#socket.destroy();
  }

  async #read(): Promise<unknown> {
    for (;;) {
      const colon = this.#received.indexOf(58);
      const length = Number(this.#received.toString("latin1", 0, Math.max(colon, 0)));
      if (colon > 0 && this.#received.length >= colon + 1 + length) {
        const text = this.#received.toString("utf8", colon + 1, colon + 1 + length);
        this.#received = this.#received.subarray(colon + 1 + length);
        return JSON.parse(text);
      }
      if (this.#isClosed) throw new Error("Thunderbird closed the connection");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
