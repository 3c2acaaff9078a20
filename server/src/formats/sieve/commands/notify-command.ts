import { soleAddress } from "../address-part.ts";
import { ArgumentReader } from "../argument-reader.ts";
import type { CommandSpec, TestSpec } from "../compile-context.ts";
import { matchTags, readMatcher } from "../matcher.ts";
import { parseMailto } from "../notify-method.ts";
import { SieveError } from "../sieve-error.ts";
import { requireAddress } from "./deliver-commands.ts";

/** RFC 5435 section 3.6. */
const option = /^[A-Za-z0-9][A-Za-z0-9._-]*=[^\0\r\n]*$/;

/** RFC 5435 section 3. */
export const notify: CommandSpec = {
  needs: ["enotify"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, {
      ":from": { value: "string" },
      ":importance": { value: "string" },
      ":options": { value: "strings" },
      ":message": { value: "string" },
    });
    const method = reader.text("a URI");
    reader.end();
    const from = reader.tagText(":from");
    const importance = reader.tagText(":importance");
    const message = reader.tagText(":message");
    const options = reader.tagTexts(":options") ?? [];
    if (from) requireAddress(from);
    for (const { constant, position } of options) {
      if (constant !== undefined && !option.test(constant)) {
        throw new SieveError(`“${constant.slice(0, 60)}” is not an option of the form name=value`, position);
      }
    }
    if (method.constant !== undefined && !parseMailto(method.constant)) {
      throw new SieveError("Notifications go to a mailto: URI with at most eight addresses", method.position);
    }
    if (importance?.constant !== undefined && !/^[123]$/.test(importance.constant)) {
      throw new SieveError("The importance is “1”, “2” or “3”", importance.position);
    }
    return (machine) => {
      const uri = method.read(machine);
      if (!parseMailto(uri)) throw machine.failure("Notifications go to a mailto: URI", method.position);
      const sender = from?.read(machine);
      if (sender !== undefined && soleAddress(sender) === undefined) {
        throw machine.failure("“:from” is not one address", node.position);
      }
      const level = importance?.read(machine);
      machine.addAction(
        {
          kind: "notify",
          method: uri,
          from: sender,
          importance: level === "1" ? 1 : level === "3" ? 3 : 2,
          message: message?.read(machine),
          options: options.map((each) => each.read(machine)),
        },
        node.position,
      );
      return undefined;
    };
  },
};

/** RFC 5435 section 4. */
const validNotifyMethod: TestSpec = {
  needs: ["enotify"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node);
    const methods = reader.texts("URIs");
    reader.end();
    return (machine) => methods.every((each) => parseMailto(each.read(machine)) !== undefined);
  },
};

/** RFC 5435 section 5: whether somebody is there to read a mail is not known. */
const notifyMethodCapability: TestSpec = {
  needs: ["enotify"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, matchTags);
    const method = reader.text("a URI");
    const capability = reader.text("a capability");
    const keys = reader.texts("what to look for");
    reader.end();
    const matcher = readMatcher(context, reader, keys);
    return (machine) =>
      parseMailto(method.read(machine)) !== undefined &&
      capability.read(machine).toLowerCase() === "online" &&
      matcher.match(machine, ["maybe"]);
  },
};

export const notifyTests: Readonly<Record<string, TestSpec>> = {
  valid_notify_method: validNotifyMethod,
  notify_method_capability: notifyMethodCapability,
};
