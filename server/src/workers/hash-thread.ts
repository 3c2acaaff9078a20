import { parentPort, workerData } from "node:worker_threads";
import { type ChecksumName, createChecksumHash } from "../formats/oc-checksum/checksum.ts";

/** What the thread answers: how many bytes it has taken in, or in the end what they hash to. */
export type HashReply = { taken: number } | { digests: Uint8Array[] };

const hashes = (workerData as readonly ChecksumName[]).map(createChecksumHash);

parentPort!.on("message", (bytes: Uint8Array | null) => {
  if (bytes) for (const hash of hashes) hash.update(bytes);
  const reply: HashReply = bytes ? { taken: bytes.byteLength } : { digests: hashes.map((hash) => hash.digest()) };
  parentPort!.postMessage(reply);
});
