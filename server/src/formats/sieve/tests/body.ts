import { ArgumentReader } from "../argument-reader.ts";
import type { TestSpec } from "../compile-context.ts";
import { matchTags, readMatcher } from "../matcher.ts";

/** RFC 5173. Its matches set no variables (section 6). */
export const body: TestSpec = {
  needs: ["body"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, {
      ...matchTags,
      ":raw": { group: "transform" },
      ":text": { group: "transform" },
      ":content": { group: "transform", value: "strings" },
    });
    const keys = reader.texts("what to look for");
    reader.end();
    const matcher = readMatcher(context, reader, keys);
    const types = reader.tagTexts(":content");
    if (types) {
      return (machine) => {
        const wanted = types.map((each) => each.read(machine).toLowerCase());
        const parts = machine.message.parts().filter((part) => wanted.some((type) => isOfType(part.contentType, type)));
        return matcher.match(
          machine,
          parts.flatMap((part) => part.texts()),
          false,
        );
      };
    }
    if (reader.has(":raw")) {
      return (machine) => {
        const raw = machine.message.rawBody();
        return matcher.match(machine, raw === undefined ? [] : [raw], false);
      };
    }
    return (machine) => matcher.match(machine, machine.message.bodyTexts(), false);
  },
};

/** Nothing means every type, `text` all of that kind; what is malformed means none (RFC 5173 section 5.2). */
function isOfType(contentType: string, wanted: string): boolean {
  if (wanted === "") return true;
  if (wanted.startsWith("/") || wanted.endsWith("/") || wanted.split("/").length > 2) return false;
  return wanted.includes("/") ? contentType === wanted : contentType.split("/", 1)[0] === wanted;
}
