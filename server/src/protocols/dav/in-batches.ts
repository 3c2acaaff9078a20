/** How many resources are asked about in one set of queries. */
const batchSize = 1_000;

/** Everything in its order, so many at a time. */
export async function* inBatches<T>(all: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const each of all) {
    batch.push(each);
    // The first of a listing and its children make one batch.
    if (batch.length > batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
