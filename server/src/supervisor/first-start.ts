import pg from "pg";

/**
 * True once in the life of a database: when it holds no organization and no first start was recorded. Recording it is
 * what makes the next start an ordinary one, with or without the demonstration commune.
 */
export async function isFirstStart(connectionString: string): Promise<boolean> {
  return withClient(connectionString, async (client) => {
    const { rows } = await client.query<{ first: boolean }>(
      "SELECT NOT EXISTS (SELECT FROM server_secret WHERE name = 'first-start') AND NOT EXISTS (SELECT FROM organization) AS first",
    );
    return rows[0]!.first;
  });
}

export async function recordFirstStart(connectionString: string): Promise<void> {
  await withClient(connectionString, (client) =>
    client.query("INSERT INTO server_secret (name, value) VALUES ('first-start', '{}') ON CONFLICT DO NOTHING"),
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
