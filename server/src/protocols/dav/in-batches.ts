/** How many resources are asked about in one set of queries. The first of a listing and its children make one batch. */
const batchSize = 1_001;

/** Everything in its order, so many at a time. */
export async function* inBatches<T>(all: Iterable<T> | AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  if (Array.isArray(all)) {
    for (let start = 0; start < all.length; start += batchSize) yield all.slice(start, start + batchSize);
    return;
  }
  let batch: T[] = [];
  for await (const each of all) {
    batch.push(each);
    if (batch.length === batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
