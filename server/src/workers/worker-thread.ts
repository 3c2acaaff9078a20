import { parentPort } from "node:worker_threads";
import { type TaskReply, type TaskRequest, tasks } from "./tasks.ts";

parentPort!.on("message", ({ id, task, bytes, argument }: TaskRequest) => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let reply: TaskReply;
  try {
    reply = { id, result: (tasks[task] as (bytes: Buffer, argument: unknown) => unknown)(buffer, argument) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  parentPort!.postMessage(reply);
});
