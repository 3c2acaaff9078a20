import { createHash } from "node:crypto";
import type { MailReport } from "../formats/mail-report/mail-report.ts";
import { type AnalyzedMessage, analyzeMessage } from "../formats/mime/analyze-message.ts";
import { type ReadReport, readMailReport } from "./read-mail-report.ts";

export type HashAlgorithm = "sha256" | "sha1" | "md5";

export interface Hashes {
  sha256?: string;
  sha1?: string;
  md5?: string;
}

/** What a worker thread can do with bytes. Pure, so that it can also run where it is asked. */
export const tasks = {
  analyze: (bytes: Buffer): AnalyzedMessage => analyzeMessage(bytes),
  hash: (bytes: Buffer, algorithms: readonly HashAlgorithm[]): Hashes =>
    Object.fromEntries(algorithms.map((each) => [each, createHash(each).update(bytes).digest("hex")])),
  report: (bytes: Buffer, kind: MailReport["kind"]): ReadReport => readMailReport(bytes, kind),
} as const;

export type TaskName = keyof typeof tasks;

export interface TaskRequest {
  id: number;
  task: TaskName;
  bytes: Uint8Array<ArrayBuffer>;
  argument: unknown;
}

export type TaskReply = { id: number; result: unknown } | { id: number; error: string };
