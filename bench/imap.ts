import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startBouquet } from "./bouquet.ts";
import { ImapClient } from "./imap-client.ts";
import { type Contender, clock, compare, withFolder } from "./measure.ts";
import { composeMessage } from "./message.ts";
import { peerPassword, startDovecot } from "./peers.ts";

const mailboxSize = 5_000;
const appendCount = 200;
const rounds = 5;

/** What a mail program asks of a mailbox of 5,000 mails, of Bouquet and of Dovecot with Maildir, with the same client. */
await withFolder(async (directory, defer) => {
  const bouquet = await startBouquet(1);
  defer(() => bouquet.stop());
  await mkdir(join(directory, "peers"), { mode: 0o755 });
  const dovecot = await startDovecot(join(directory, "peers"));
  defer(() => dovecot.stop());
  const person = bouquet.people[0]!;
  const open = async (name: string, port: number, user: string, password: string) => {
    const signIn = () => ImapClient.signIn(port, user, password);
    const client = await signIn();
    defer(async () => client.close());
    return { name, client, signIn };
  };
  const servers = [
    await open("Bouquet", bouquet.program.ports.imap, person.address, person.appPassword),
    await open("Dovecot", dovecot.port, "agent", peerPassword),
  ];

  for (const { client } of servers) await client.call("CREATE appended");
  const each = (work: (client: ImapClient, round: number) => Promise<unknown>, count = 0): Contender[] =>
    servers.map(({ name, client }) => ({
      name,
      run: async (round) => {
        const seconds = await clock(() => work(client, round));
        return count > 0 ? count / seconds : seconds * 1000;
      },
    }));
  const messages = Array.from({ length: appendCount }, (_, number) => composeMessage(number, 10_000));
  await compare({
    what: "APPEND of 10 kB, one connection",
    unit: "mails/s",
    better: "more",
    rounds,
    contenders: each(async (client) => {
      for (const message of messages) await client.append("appended", message);
    }, appendCount),
  });

  await Promise.all(servers.map(({ signIn }) => fill(signIn)));
  for (const { client } of servers) await client.call("SELECT INBOX");
  await compare({
    what: "FETCH 1:* (UID FLAGS ENVELOPE) of 5,000",
    unit: "ms",
    better: "less",
    rounds,
    contenders: each((client) => client.call("FETCH 1:* (UID FLAGS ENVELOPE)")),
  });
  await compare({
    what: "FETCH 1:* (UID FLAGS), as at opening",
    unit: "ms",
    better: "less",
    rounds,
    contenders: each((client) => client.call("FETCH 1:* (UID FLAGS)")),
  });
  await compare({
    what: "STORE 1:* \\Flagged, set and taken away in turns",
    unit: "ms",
    better: "less",
    rounds: rounds + 1,
    contenders: each((client, round) =>
      client.call(`STORE 1:* ${round % 2 === 0 ? "+" : "-"}FLAGS.SILENT (\\Flagged)`),
    ),
  });
  await compare({
    what: "SEARCH TEXT of a word in 10 of 5,000",
    unit: "ms",
    better: "less",
    rounds,
    contenders: each(async (client) => {
      const { start } = await client.call('SEARCH TEXT "pivoine"');
      const found = /\* SEARCH([ \d]*)/.exec(start)?.[1]?.trim().split(" ").length;
      if (found !== 10) throw new Error(`Found ${found} mails`);
    }),
  });
  await compare({
    what: "FETCH of one whole mail of 10 kB, 500 of them in turn",
    unit: "ms",
    better: "less",
    rounds,
    contenders: each(async (client) => {
      for (let number = 1; number <= 500; number++) await client.call(`FETCH ${number * 7} (BODY.PEEK[])`);
    }),
  });
});

async function fill(signIn: () => Promise<ImapClient>): Promise<void> {
  let next = 0;
  const add = async () => {
    const client = await signIn();
    for (let number = next++; number < mailboxSize; number = next++) {
      await client.append("INBOX", composeMessage(number, 10_000, number % 500 === 3 ? "pivoine" : ""));
    }
    client.close();
  };
  await Promise.all(Array.from({ length: 4 }, add));
}
