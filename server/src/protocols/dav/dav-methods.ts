import type { DavMethod } from "./dav-call.ts";
import { copy, move } from "./methods/copy-move.ts";
import { remove } from "./methods/delete.ts";
import { get } from "./methods/get.ts";
import { lock } from "./methods/lock.ts";
import { mkcol } from "./methods/mkcol.ts";
import { options } from "./methods/options.ts";
import { propfind } from "./methods/propfind.ts";
import { proppatch } from "./methods/proppatch.ts";
import { put } from "./methods/put.ts";
import { report } from "./methods/report.ts";
import { search } from "./methods/search.ts";
import { unlock } from "./methods/unlock.ts";

export const davMethods: ReadonlyMap<string, DavMethod> = new Map([
  ["OPTIONS", options],
  ["GET", get],
  ["HEAD", get],
  ["PUT", put],
  ["DELETE", remove],
  ["PROPFIND", propfind],
  ["PROPPATCH", proppatch],
  ["MKCOL", mkcol],
  ["COPY", copy],
  ["MOVE", move],
  ["LOCK", lock],
  ["UNLOCK", unlock],
  ["REPORT", report],
  ["SEARCH", search],
]);
