import pg from "pg";

/** What the first start of a database made of it. */
export type FirstStart = "demonstration" | "empty";

type Recorded = FirstStart | "demonstrating" | "none";

/**
 * How the life of this database began; undefined when it begins now: no organization, nothing recorded. A demonstration
 * that was interrupted is taken away, since nobody was told its passwords.
 */
export async function readFirstStart(connectionString: string): Promise<FirstStart | undefined> {
  return withClient(connectionString, async (client) => {
    const { rows } = await client.query<{ recorded: Recorded; inhabited: boolean }>(
      `SELECT coalesce((SELECT value ->> 'kind' FROM server_secret WHERE name = 'first-start'), 'none') AS recorded,
         EXISTS (SELECT FROM organization) AS inhabited`,
    );
    const { recorded, inhabited } = rows[0]!;
    if (recorded === "demonstrating") {
      // Every row that the demonstration made hangs on an organization by foreign keys.
      await client.query(
        "TRUNCATE organization, blob_removal, outbox, changes, correspondent, thread_reference CASCADE",
      );
      return undefined;
    }
    if (recorded !== "none") return recorded;
    return inhabited ? "empty" : undefined;
  });
}

/** To be called with "demonstrating" before the demonstration is made, and with how it ended after. */
export async function recordFirstStart(connectionString: string, kind: FirstStart | "demonstrating"): Promise<void> {
  await withClient(connectionString, (client) =>
    client.query(
      "INSERT INTO server_secret (name, value) VALUES ('first-start', $1) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",
      [JSON.stringify({ kind })],
    ),
  );
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, application_name: "bouquet supervisor" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
