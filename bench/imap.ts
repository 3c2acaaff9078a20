import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isIndexed, startBouquet } from "./bouquet.ts";
import { ImapClient } from "./imap-client.ts";
import { type Contender, clock, compare, until, withFolder } from "./measure.ts";
import { composeMessage } from "./message.ts";
import { peerPassword, startDovecot } from "./peers.ts";

/** Messages in the large mailbox: `node bench/imap.ts 50000` takes half an hour, most of it to fill the mailboxes. */
const mailboxSize = Number(process.argv[2] ?? 5_000);
/** Which rows, by a part of their names; all by default. */
const only = process.argv.slice(3);
const appendCount = 200;
const rounds = 5;
/** One in 500 messages contains it. */
const rareWord = "pivoine";

/** What a mail program asks of a mailbox of thousands of mails of 10 kB, of Bouquet and of Dovecot with Maildir, with the same client. */
await withFolder(async (directory, defer) => {
  const bouquet = await startBouquet(1);
  defer(() => bouquet.stop());
  await mkdir(join(directory, "peers"), { mode: 0o755 });
  let dovecot = await startDovecot(join(directory, "peers"));
  defer(() => dovecot.stop());
  const person = bouquet.people[0]!;
  const servers = [
    {
      name: "Bouquet",
      signIn: () => ImapClient.signIn(bouquet.program.ports.imap, person.address, person.appPassword),
      async restart() {
        await bouquet.program.kill("SIGTERM");
        await bouquet.program.start();
      },
      async forget() {},
    },
    {
      name: "Dovecot",
      signIn: () => ImapClient.signIn(dovecot.port, "agent", peerPassword),
      async restart() {
        await dovecot.stop();
        dovecot = await startDovecot(join(directory, "peers"));
      },
      /** What earlier requests left in its index: a mailbox that was delivered to, and that nobody has listed yet. */
      async forget() {
        const inbox = join(dovecot.mail, "agent");
        for (const name of await readdir(inbox)) {
          if (name.startsWith("dovecot.index")) await rm(join(inbox, name));
        }
      },
    },
  ];
  const isWanted = (what: string): boolean => only.length === 0 || only.some((part) => what.includes(part));
  const row = async (what: string, unit: string, better: "more" | "less", contenders: readonly Contender[]) => {
    if (!isWanted(what)) return;
    await compare({ what, unit, better, rounds, contenders });
  };
  const count = mailboxSize.toLocaleString("en");

  const messages = Array.from({ length: appendCount }, (_, number) => composeMessage(number, 10_000));
  const warm: ImapClient[] = [];
  for (const server of servers) {
    const client = await server.signIn();
    defer(async () => client.close());
    await client.call("CREATE appended");
    // What a program compiles when it is first used is not counted.
    for (const message of messages) await client.append("appended", message);
    warm.push(client);
  }
  const each = (work: (client: ImapClient, round: number) => Promise<unknown>, per = 0): Contender[] =>
    servers.map(({ name }, index) => ({
      name,
      run: async (round) => {
        const seconds = await clock(() => work(warm[index]!, round));
        return per > 0 ? per / seconds : seconds * 1000;
      },
    }));
  await row(
    "APPEND of 10 kB, one connection",
    "mails/s",
    "more",
    each(async (client) => {
      for (const message of messages) await client.append("appended", message);
    }, appendCount),
  );

  for (const { name, signIn } of servers) {
    const seconds = await clock(() => fill(signIn));
    console.error(`${name}: ${count} mails appended, 100 in a command, in ${seconds.toFixed(1)} s`);
  }

  /** The first commands after a restart of the server; what the system has in its caches stays there. */
  const restarted = (command: string, forgets: boolean): Contender[] =>
    servers.map(({ name, restart, forget, signIn }) => ({
      name,
      async run() {
        await restart();
        if (forgets) await forget();
        const client = await signIn();
        const seconds = await clock(async () => {
          await client.call("SELECT INBOX");
          await client.call(command);
        });
        client.close();
        return seconds * 1000;
      },
    }));
  for (const items of ["UID FLAGS", "UID FLAGS ENVELOPE"]) {
    const command = `FETCH 1:* (${items})`;
    await row(`SELECT and ${command} of ${count}, cold`, "ms", "less", restarted(command, true));
    await row(`SELECT and ${command} of ${count}, after a restart`, "ms", "less", restarted(command, false));
  }

  for (const [index, { signIn }] of servers.entries()) {
    const client = await signIn();
    defer(async () => client.close());
    await client.call("SELECT INBOX");
    // Twice: what a just-in-time compiler does is not counted.
    for (let time = 0; time < 2; time++) await client.call("FETCH 1:* (UID FLAGS ENVELOPE)");
    warm[index] = client;
  }
  await row(
    `FETCH 1:* (UID FLAGS) of ${count}, warm`,
    "ms",
    "less",
    each((client) => client.call("FETCH 1:* (UID FLAGS)")),
  );
  await row(
    `FETCH 1:* (UID FLAGS ENVELOPE) of ${count}, warm`,
    "ms",
    "less",
    each((client) => client.call("FETCH 1:* (UID FLAGS ENVELOPE)")),
  );
  await row(
    `FETCH 1:* (UID RFC822.SIZE INTERNALDATE FLAGS) of ${count}, warm`,
    "ms",
    "less",
    each((client) => client.call("FETCH 1:* (UID RFC822.SIZE INTERNALDATE FLAGS)")),
  );
  await row(
    `STORE 1:* \\Flagged of ${count}, set and taken away in turns`,
    "ms",
    "less",
    each((client, round) => client.call(`STORE 1:* ${round % 2 === 0 ? "+" : "-"}FLAGS.SILENT (\\Flagged)`)),
  );
  // The texts are indexed behind the deliveries.
  if (isWanted("SEARCH TEXT")) await until("the index has caught up", isIndexed(bouquet), 500, 900_000);
  for (const [what, text, expected] of [
    ["a word in 1 of 500", rareWord, mailboxSize / 500],
    ["a word in every mail", "conseil", mailboxSize],
    ["three letters in every mail", "uni", mailboxSize],
  ] as const) {
    await row(
      `SEARCH TEXT of ${what}, ${count} mails`,
      "ms",
      "less",
      each(async (client) => {
        const { start } = await client.call(`SEARCH RETURN (COUNT) TEXT "${text}"`);
        if (!start.includes(`COUNT ${expected}`)) throw new Error(`Expected ${expected}: ${start}`);
      }),
    );
  }
  await row(
    "FETCH of one whole mail of 10 kB, 500 of them in turn",
    "ms",
    "less",
    each(async (client) => {
      for (let number = 1; number <= 500; number++) await client.call(`FETCH ${number * 7} (BODY.PEEK[])`);
    }),
  );
  await row(
    "FETCH of 500 whole mails of 10 kB in one command",
    "ms",
    "less",
    each((client, round) => client.call(`FETCH ${1 + round * 500}:${500 + round * 500} (BODY.PEEK[])`)),
  );
});

/** By MULTIAPPEND (RFC 3502), a hundred in a command, which both know: filling is not what is measured. */
async function fill(signIn: () => Promise<ImapClient>): Promise<void> {
  const client = await signIn();
  for (let number = 0; number < mailboxSize; ) {
    const pieces: Buffer[] = [Buffer.from("APPEND INBOX")];
    for (const end = Math.min(number + 100, mailboxSize); number < end; number++) {
      const message = composeMessage(number, 10_000, number % 500 === 3 ? rareWord : "");
      pieces.push(Buffer.from(` {${message.length}+}\r\n`), message);
    }
    await client.call(Buffer.concat(pieces));
  }
  client.close();
}
