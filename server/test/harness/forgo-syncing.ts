import pg from "pg";

/**
 * Makes a server for tests faster: what they hold in it need not outlive the machine. What is said of durability is tried on
 * servers that tests start themselves.
 */
export async function forgoSyncing(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  for (const setting of ["fsync", "full_page_writes"]) await client.query(`ALTER SYSTEM SET ${setting} = off`);
  await client.query("SELECT pg_reload_conf()");
  await client.end();
}
