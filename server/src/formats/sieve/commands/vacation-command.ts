import { createHash } from "node:crypto";
import { soleAddress } from "../address-part.ts";
import { ArgumentReader } from "../argument-reader.ts";
import type { CommandSpec } from "../compile-context.ts";
import { requireAddress } from "./deliver-commands.ts";

const day = 86_400;
const defaultDays = 7;
/** What a script asks for is kept within these (RFC 5230 section 4.1, RFC 6131 section 2). */
const vacationSeconds = { least: 60, most: 90 * day } as const;

/** RFC 5230, with :seconds (RFC 6131). Whether there is an answer at all is decided by who sends it. */
export const vacation: CommandSpec = {
  needs: ["vacation"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, {
      ":days": { value: "number", group: "interval" },
      ":seconds": { value: "number", group: "interval", needs: ["vacation-seconds"] },
      ":subject": { value: "string" },
      ":from": { value: "string" },
      ":addresses": { value: "strings" },
      ":mime": {},
      ":handle": { value: "string" },
    });
    const reason = reader.text("a reason");
    reader.end();
    const days = reader.tagNumber(":days");
    const asked = reader.tagNumber(":seconds")?.value ?? Math.max(days?.value ?? defaultDays, 1) * day;
    const intervalSeconds = Math.min(Math.max(asked, vacationSeconds.least), vacationSeconds.most);
    const subject = reader.tagText(":subject");
    const from = reader.tagText(":from");
    const addresses = reader.tagTexts(":addresses") ?? [];
    const handle = reader.tagText(":handle");
    const isMime = reader.has(":mime");
    if (from) requireAddress(from);
    return (machine) => {
      const sender = from?.read(machine);
      if (sender !== undefined && soleAddress(sender) === undefined) {
        throw machine.failure("“:from” is not one address", node.position);
      }
      const text = reason.read(machine);
      const title = subject?.read(machine);
      // RFC 5230 section 4.2: without a handle, an answer with other arguments is another answer.
      const made = createHash("sha256")
        .update(JSON.stringify([text, title ?? null, sender ?? null, isMime]))
        .digest("base64url");
      machine.addAction(
        {
          kind: "vacation",
          reason: text,
          subject: title,
          from: sender,
          isMime,
          addresses: addresses.map((each) => each.read(machine)),
          handle: handle ? `handle ${handle.read(machine).slice(0, 200)}` : made,
          intervalSeconds,
        },
        node.position,
      );
      return undefined;
    };
  },
};
