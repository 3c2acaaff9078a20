import { createHash } from "node:crypto";
import { ArgumentReader } from "../argument-reader.ts";
import type { TestSpec } from "../compile-context.ts";
import { readFieldNames } from "../header-names.ts";

const defaultSeconds = 7 * 86_400;
const maxDuplicateSeconds = 90 * 86_400;

/** RFC 7352. Ids are remembered when the script has succeeded, so two tests of one run do not see each other's (section 3.1). */
export const duplicate: TestSpec = {
  needs: ["duplicate"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, {
      ":handle": { value: "string" },
      ":header": { value: "string", group: "id" },
      ":uniqueid": { value: "string", group: "id" },
      ":seconds": { value: "number" },
      ":last": {},
    });
    reader.end();
    const handle = reader.tagText(":handle");
    const header = reader.tagText(":header");
    const uniqueId = reader.tagText(":uniqueid");
    const seconds = Math.min(reader.tagNumber(":seconds")?.value ?? defaultSeconds, maxDuplicateSeconds);
    const isProlonged = reader.has(":last");
    return async (machine) => {
      let value: string;
      if (uniqueId) value = uniqueId.read(machine);
      else {
        const [name] = header ? readFieldNames(machine, [header]) : ["message-id"];
        const field = name === undefined ? undefined : machine.header.all(name)[0];
        // Without the field there is nothing to track.
        if (!field) return false;
        value = machine.message.decode(field.value);
      }
      const id = createHash("sha256")
        .update(JSON.stringify([handle?.read(machine) ?? "", value]))
        .digest("base64url");
      const isKnown = await machine.host.wasSeen(id);
      if (!isKnown || isProlonged) machine.seenIds.push({ id, seconds });
      return isKnown;
    };
  },
};
