import type { Draft } from "./draft.ts";

/*
 * What could not reach the server is kept in this browser, by person. Files that were not sent are kept with it. Nothing stays
 * here once the server has it.
 */

interface Kept {
  /** uid of the person. */
  readonly owner: string;
  readonly draft: Draft;
}

function open(): Promise<IDBDatabase> {
  const { promise, resolve, reject } = Promise.withResolvers<IDBDatabase>();
  const request = indexedDB.open("bouquet.mail", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("drafts", { keyPath: "owner" });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
  return promise;
}

async function run<T>(mode: IDBTransactionMode, work: (drafts: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const transaction = database.transaction("drafts", mode);
  const request = work(transaction.objectStore("drafts"));
  transaction.oncomplete = () => resolve(request.result);
  transaction.onerror = () => reject(transaction.error);
  transaction.onabort = () => reject(transaction.error);
  return promise.finally(() => database.close());
}

/** @throws DOMException where the browser keeps nothing (private windows), or has no room */
export async function keepLocally(owner: string, draft: Draft): Promise<void> {
  await run("readwrite", (drafts) => drafts.put({ owner, draft } satisfies Kept));
}

/** The draft that was left here, if any. */
export async function readLocal(owner: string): Promise<Draft | null> {
  const kept = (await run<Kept | undefined>("readonly", (drafts) => drafts.get(owner)).catch(() => undefined)) ?? null;
  return kept?.draft ?? null;
}

export async function forgetLocal(owner: string): Promise<void> {
  await run("readwrite", (drafts) => drafts.delete(owner)).catch(() => undefined);
}
