import type { PostgresPool, PostgresPoolClient } from "kysely";

/** How long statements go to one connection before another is taken: plans are made again when one is taken. Milliseconds. */
const turnMs = 5_000;

interface Turn {
  readonly client: Promise<PostgresPoolClient>;
  readonly since: number;
  underWay: number;
  isBroken: boolean;
}

/**
 * A connection of the pool that statements of many callers share while any of them is under way. Those that are asked for together go out
 * in one write and are answered by one process of PostgreSQL, whose caches are warm; each by itself would wake a process of its own.
 * For look-ups by key only: what takes long keeps the others waiting.
 * @param isAnswer whether an error is PostgreSQL's answer to one statement; by any other the connection is broken
 */
export function shareConnection(
  pool: PostgresPool,
  isAnswer: (error: unknown) => boolean,
): (text: string, values: readonly unknown[]) => Promise<{ rows: unknown[] }> {
  let current: Turn | undefined;

  const take = (): Turn => {
    const now = performance.now();
    if (!current || current.isBroken || now - current.since > turnMs) {
      current = { client: pool.connect(), since: now, underWay: 0, isBroken: false };
    }
    return current;
  };

  return async (text, values) => {
    const turn = take();
    turn.underWay += 1;
    try {
      const client = await turn.client;
      return await client.query(text, values);
    } catch (error) {
      turn.isBroken ||= !isAnswer(error);
      throw error;
    } finally {
      turn.underWay -= 1;
      if (turn.underWay === 0) {
        if (current === turn) current = undefined;
        const { isBroken } = turn;
        // One that could not be taken has nothing to give back.
        turn.client.then((client) => (client.release as (error?: boolean) => void)(isBroken)).catch(() => undefined);
      }
    }
  };
}
