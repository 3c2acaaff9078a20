import { sql } from "kysely";
import { startBouquet } from "./bouquet.ts";
import { ImapClient } from "./imap-client.ts";
import { clock, printRow, residentKb, withFolder } from "./measure.ts";
import { composeMessage } from "./message.ts";

const peopleCount = 20;
const connectionsEach = 50;
/** Opened before counting: what the program loads with its first connections is not theirs. */
const firstEach = 5;
const largeMailbox = 200_000;
const rounds = 5;

/** What many connections and a very large mailbox cost, alone: the figures are held against limits, not against a peer. */
await withFolder(async (_directory, defer) => {
  const bouquet = await startBouquet(peopleCount);
  defer(() => bouquet.stop());
  const { program, people } = bouquet;

  const clients: ImapClient[] = [];
  defer(async () => clients.forEach((client) => void client.close()));
  const idle = async (each: number): Promise<void> => {
    for (const { address, appPassword } of people) {
      for (let number = 0; number < each; number++) {
        const client = await ImapClient.signIn(program.ports.imaps, address, appPassword, { tls: true });
        clients.push(client);
        await client.call("SELECT INBOX");
        await client.idle();
      }
    }
  };
  await idle(firstEach);
  const before = await residentKb(program.process.pid!);
  await idle(connectionsEach - firstEach);
  const grown = (await residentKb(program.process.pid!)) - before;
  const count = peopleCount * (connectionsEach - firstEach);
  report(`memory for each of ${count} connections with TLS in IDLE`, "kB", [grown / count]);
  for (const client of clients.splice(0)) client.close();

  const { address, appPassword } = people[0]!;
  const signIn = () => ImapClient.signIn(program.ports.imap, address, appPassword);
  const filling = await signIn();
  await filling.append("INBOX", composeMessage(0, 10_000));
  filling.close();
  await multiply(bouquet);
  const figures: Record<string, number[]> = {
    "SELECT, cold": [],
    "SELECT, warm": [],
    "FETCH 1:* (UID FLAGS), cold": [],
    "FETCH 1:* (UID FLAGS), warm": [],
  };
  for (let round = 0; round < rounds; round++) {
    await program.kill("SIGTERM");
    await program.start();
    const client = await signIn();
    const time = async (what: string, command: string): Promise<void> => {
      figures[what]!.push((await clock(() => client.call(command))) * 1000);
    };
    await time("SELECT, cold", "SELECT INBOX");
    await time("FETCH 1:* (UID FLAGS), cold", "FETCH 1:* (UID FLAGS)");
    await time("FETCH 1:* (UID FLAGS), warm", "FETCH 1:* (UID FLAGS)");
    await client.call("UNSELECT");
    await time("SELECT, warm", "SELECT INBOX");
    client.close();
  }
  for (const [what, values] of Object.entries(figures)) report(`${what}, of 200,000 mails`, "ms", values);
});

function report(what: string, unit: string, figures: number[]): void {
  printRow({ what, unit, better: "less" }, [{ name: "Bouquet", figures }]);
}

/** Makes many messages of the one in the first person's inbox: sending them all would take half an hour. */
async function multiply({ program }: Awaited<ReturnType<typeof startBouquet>>): Promise<void> {
  const domain = await program.openDomain();
  try {
    await domain.store.transact(async (tx) => {
      await sql`SET LOCAL statement_timeout = 0`.execute(tx);
      await sql`
        CREATE TEMPORARY TABLE made ON COMMIT DROP AS
        SELECT g AS uid, uuidv7() AS id FROM generate_series(2, ${largeMailbox}::bigint) g`.execute(tx);
      await sql`
        INSERT INTO message SELECT (jsonb_populate_record(m, jsonb_build_object('id', made.id))).* FROM message m, made`.execute(
        tx,
      );
      await sql`
        INSERT INTO mailbox_message
        SELECT (jsonb_populate_record(c, jsonb_build_object('uid', made.uid, 'message_id', made.id,
          'flags', CASE made.uid % 3 WHEN 0 THEN '["\\\\Seen"]'::jsonb WHEN 1 THEN '["\\\\Answered", "\\\\Seen"]' ELSE '[]' END))).*
        FROM mailbox_message c, made`.execute(tx);
      await sql`
        UPDATE mailbox SET uidnext = ${largeMailbox} + 1, total = ${largeMailbox}, unseen = ${Math.ceil(largeMailbox / 3)}
        WHERE role = 'inbox' AND total > 0`.execute(tx);
    });
    await sql`VACUUM ANALYZE mailbox_message`.execute(domain.store.read);
  } finally {
    await domain.close();
  }
}
