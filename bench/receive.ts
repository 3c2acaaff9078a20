import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { domainName, startBouquet } from "./bouquet.ts";
import { ImapClient } from "./imap-client.ts";
import { compare, until, withFolder } from "./measure.ts";
import { composeMessage } from "./message.ts";
import { peerPassword, startDovecot, startPostfix } from "./peers.ts";

const sessionCount = 20;
const messageCount = 400;
const messageSize = 10_000;
const rounds = 5;

/** Mail by SMTP over twenty connections that stay open, each to a person of its own, until all of it can be read by IMAP. */
await withFolder(async (directory, defer) => {
  const bouquet = await startBouquet(sessionCount);
  defer(() => bouquet.stop());
  await mkdir(join(directory, "peers"), { mode: 0o755 });
  const dovecot = await startDovecot(join(directory, "peers"));
  defer(() => dovecot.stop());
  const postfix = await startPostfix(join(directory, "peers"), domainName, dovecot.lmtp);
  defer(() => postfix.stop());

  const addresses = bouquet.people.map((person) => person.address);
  const readers = async (port: number, passwords: readonly string[]) =>
    Promise.all(addresses.map((address, index) => ImapClient.signIn(port, address, passwords[index]!)));
  const ours = await readers(
    bouquet.program.ports.imap,
    bouquet.people.map((person) => person.appPassword),
  );
  const theirs = await readers(
    dovecot.port,
    addresses.map(() => peerPassword),
  );
  defer(async () => [...ours, ...theirs].forEach((client) => void client.close()));

  const accepted: Record<string, number[]> = { Bouquet: [], "Postfix and Dovecot": [] };
  const contender = (name: string, port: number, clients: readonly ImapClient[]) => ({
    name,
    async run() {
      const before = await countAll(clients);
      const messages = Array.from({ length: messageCount }, (_, number) => composeMessage(number, messageSize));
      const begin = performance.now();
      await Promise.all(addresses.map((address) => deliver(port, address, messages)));
      accepted[name]!.push(messageCount / ((performance.now() - begin) / 1000));
      await until("all mails are there", async () => (await countAll(clients)) >= before + messageCount, 20);
      return messageCount / ((performance.now() - begin) / 1000);
    },
  });
  const contenders = [
    contender("Bouquet", bouquet.program.ports.smtp, ours),
    contender("Postfix and Dovecot", postfix.port, theirs),
  ];
  // What starts processes and fills caches is not counted.
  for (const each of contenders) await each.run();
  for (const figures of Object.values(accepted)) figures.length = 0;
  await compare({ what: "delivered until readable", unit: "mails/s", better: "more", rounds, contenders });
  await compare({
    what: "answered 250",
    unit: "mails/s",
    better: "more",
    rounds,
    contenders: contenders.map(({ name }) => ({ name, run: async (round: number) => accepted[name]![round]! })),
  });
});

async function countAll(clients: readonly ImapClient[]): Promise<number> {
  const answers = await Promise.all(clients.map((client) => client.call("STATUS INBOX (MESSAGES)")));
  return answers.reduce((sum, { start }) => sum + Number(/MESSAGES (\d+)/.exec(start)![1]), 0);
}

/** One session that takes from the messages until there are none. */
async function deliver(port: number, recipient: string, messages: Buffer[]): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  const lines = readLines(socket);
  const say = async (command: string | Buffer, code: string): Promise<void> => {
    socket.write(command);
    await expectCode(lines, code);
  };
  await expectCode(lines, "220");
  await say("EHLO sender.example\r\n", "250");
  for (let message = messages.pop(); message; message = messages.pop()) {
    await say("MAIL FROM:<camille.fournier@sender.example>\r\n", "250");
    await say(`RCPT TO:<${recipient}>\r\n`, "250");
    await say("DATA\r\n", "354");
    await say(Buffer.concat([message, Buffer.from(".\r\n")]), "250");
  }
  await say("QUIT\r\n", "221");
  socket.destroy();
}

async function expectCode(lines: AsyncIterator<string>, code: string): Promise<void> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error("The server hung up");
    if (!value.startsWith(code)) throw new Error(`Expected ${code}: ${value}`);
    if (value[3] !== "-") return;
  }
}

async function* readLines(socket: Socket): AsyncGenerator<string> {
  let rest = "";
  while (!socket.destroyed) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    rest += chunk.toString("latin1");
    for (let end = rest.indexOf("\r\n"); end !== -1; end = rest.indexOf("\r\n")) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      yield line;
    }
  }
}
