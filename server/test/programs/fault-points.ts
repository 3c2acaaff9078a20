// Loaded before the program (node --import): the program then dies, as by kill -9, at the point that a file names, such as
// "after addMessages" or "before fanOut 2" (the second time). The product holds nothing of this: modules are wrapped as they load.
import { existsSync, readFileSync, renameSync } from "node:fs";
import { registerHooks } from "node:module";

/** Exported functions that can be died before and after, by module of server/src. */
const watched: Readonly<Record<string, readonly string[]>> = {
  "protocols/smtp/spool-message.ts": ["spoolMessage"],
  "domain/mail/stage-message.ts": ["stageBytes"],
  "domain/mail/delivery/deliver-message.ts": ["deliverMessage"],
  "domain/mail/delivery/fan-out.ts": ["fanOutHandler"],
  "domain/mail/add-messages.ts": ["addMessages"],
  "domain/mail/append-messages.ts": ["appendMessages"],
  "domain/mail/moderation/decide-held.ts": ["decideHeld"],
  "domain/mail/screening/release-quarantined.ts": ["releaseQuarantined"],
  "domain/mail/submission/queue-message.ts": ["queueMessage"],
  "domain/mail/submission/submit-message.ts": ["submitMessage"],
  "domain/mail/submission/record-attempt.ts": ["recordAttempt"],
  "domain/mail/submission/send-notification.ts": ["notificationHandler"],
  "outbound/smtp-client/deliver-by-smtp.ts": ["createMailTransport"],
  "domain/drive/stage-bytes.ts": ["stageBytes"],
  "domain/drive/place-files.ts": ["placeFiles"],
  "domain/drive/upload-file.ts": ["storeFile"],
  "domain/drive/upload-many.ts": ["uploadMany"],
  "domain/drive/move-node.ts": ["moveNode"],
  "domain/drive/trash-node.ts": ["trashNode"],
  "domain/drive/restore-node.ts": ["restoreNode"],
  "domain/drive/uploads/put-chunk.ts": ["putChunk"],
  "domain/drive/uploads/assemble-upload.ts": ["assembleUpload"],
  "store/drive/touch-ancestors.ts": ["touchAncestors"],
};

/** Functions that make what does the work: its name as a point. */
const makers: Readonly<Record<string, string>> = {
  fanOutHandler: "fanOut",
  notificationHandler: "notify",
  createMailTransport: "deliver",
};

const sources = new URL("../../src/", import.meta.url).href;
const self = import.meta.url;
const pointFile = process.env.BOUQUET_TEST_FAULT_POINT ?? "";

registerHooks({
  load(url, context, next) {
    const names = url.startsWith(sources) ? watched[url.slice(sources.length)] : undefined;
    if (!names) return next(url, context);
    const whole = JSON.stringify(`${url}?whole`);
    const wrapped = names.map((name) => `export const ${name} = watch("${name}", whole.${name});`);
    const source = `import { watch } from ${JSON.stringify(self)};
      import * as whole from ${whole}; export * from ${whole}; ${wrapped.join("\n")}`;
    return { format: "module", shortCircuit: true, source };
  },
});

let counted = { point: "", hits: 0 };

function dieAt(point: string): void {
  if (!existsSync(pointFile)) return;
  const armed = readFileSync(pointFile, "utf8");
  const [, named, nth = "1"] = /^(\S+ \S+)(?: (\d+))?$/.exec(armed) ?? [];
  if (named !== point) return;
  if (counted.point !== armed) counted = { point: armed, hits: 0 };
  counted.hits++;
  if (counted.hits !== Number(nth)) return;
  renameSync(pointFile, `${pointFile}.died`);
  process.kill(process.pid, "SIGKILL");
}

type Work = (...args: never[]) => unknown;

/** The same function, that can be died before and after. */
export function watch(name: string, work: Work): Work {
  const made = makers[name];
  if (made === undefined) return around(name, work);
  return (...args) => {
    const result = work(...args);
    if (typeof result === "function") return around(made, result as Work);
    const object = result as Record<string, Work>;
    return { ...object, [made]: around(made, object[made]!) };
  };
}

function around(name: string, work: Work): Work {
  return async (...args) => {
    dieAt(`before ${name}`);
    const result = await work(...args);
    dieAt(`after ${name}`);
    return result;
  };
}
