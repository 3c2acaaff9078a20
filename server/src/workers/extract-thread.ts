import { parentPort } from "node:worker_threads";
import type { DocumentKind } from "../formats/document-text/document-kind.ts";
import { documentText } from "../formats/document-text/document-text.ts";
import { analyzeMessage } from "../formats/mime/analyze-message.ts";

export interface ExtractRequest {
  kind: DocumentKind;
  bytes: Uint8Array;
  limit: number;
}

export type ExtractReply = { text: string } | { problem: string };

parentPort!.on("message", async ({ kind, bytes, limit }: ExtractRequest) => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let reply: ExtractReply;
  try {
    const text = kind === "message" ? analyzeMessage(buffer).searchText : await documentText(kind, buffer, limit);
    reply = { text: text.slice(0, limit) };
  } catch (error) {
    reply = { problem: error instanceof Error ? error.message : String(error) };
  }
  parentPort!.postMessage(reply);
});
