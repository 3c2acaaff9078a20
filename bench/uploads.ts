import { Agent } from "node:http";
import { basicAuthorization, startBouquet } from "./bouquet.ts";
import { many, manyBytes, send } from "./http.ts";
import { clock, printRow, residentKb, withFolder } from "./measure.ts";

const [atOnce = 20, megabytes = 2_000] = process.argv.slice(2).map(Number);
const everyMs = 500;

/** Resident memory while many large files come at once over WebDAV, and from when to when: it has to stay flat. */
await withFolder(async (_directory, defer) => {
  const bouquet = await startBouquet(1);
  defer(() => bouquet.stop());
  const agent = new Agent({ keepAlive: true });
  defer(async () => agent.destroy());
  const { program, people } = bouquet;
  const person = people[0]!;
  const size = megabytes * 1e6;
  const put = (name: string, length: number): Promise<number> => {
    const headers = {
      authorization: basicAuthorization(person.address, person.appPassword),
      "content-type": "application/octet-stream",
      "content-length": length,
    };
    const path = `/remote.php/dav/files/${person.uid}/${name}`;
    return send(
      { agent, host: "127.0.0.1", port: program.ports.http, method: "PUT", path, headers },
      manyBytes(length),
    );
  };
  // What the program loads and compiles with its first uploads is not theirs.
  await many(40, atOnce, (index) => put(`first-${index}.bin`, 2_000_000));

  const memory: number[] = [];
  const look = async (): Promise<void> => void memory.push((await residentKb(program.process.pid!)) / 1_000);
  await look();
  const [before = 0] = memory;
  const looking = setInterval(look, everyMs);
  const seconds = await clock(() => many(atOnce, atOnce, (index) => put(`large-${index}.bin`, size)));
  clearInterval(looking);

  const row = (what: string, unit: string, figures: number[]): void =>
    printRow({ what, unit, better: "less" }, [{ name: "Bouquet", figures }]);
  row("resident memory before", "MB", [before]);
  const quarter = Math.ceil(memory.length / 4);
  for (let index = 0; index * quarter < memory.length; index++) {
    row(
      `in quarter ${index + 1} of ${atOnce} uploads of ${megabytes} MB at once`,
      "MB",
      memory.slice(index * quarter, (index + 1) * quarter),
    );
  }
  row("the whole took", "s", [seconds]);
});
