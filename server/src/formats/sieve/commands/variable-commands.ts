import { ArgumentReader } from "../argument-reader.ts";
import type { CommandSpec } from "../compile-context.ts";
import { SieveError } from "../sieve-error.ts";
import { checkVariableName } from "../text.ts";

interface Modifier {
  /** The higher is applied first (RFC 5229 section 4.1, RFC 5435 section 6). */
  readonly precedence: number;
  readonly apply: (text: string) => string;
}

const modifiers: Readonly<Record<string, Modifier>> = {
  ":lower": { precedence: 40, apply: (text) => text.toLowerCase() },
  ":upper": { precedence: 40, apply: (text) => text.toUpperCase() },
  ":lowerfirst": { precedence: 30, apply: (text) => onFirst(text, (first) => first.toLowerCase()) },
  ":upperfirst": { precedence: 30, apply: (text) => onFirst(text, (first) => first.toUpperCase()) },
  ":quotewildcard": { precedence: 20, apply: (text) => text.replace(/[*?\\]/g, "\\$&") },
  ":quoteregex": { precedence: 20, apply: (text) => text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&") },
  ":encodeurl": { precedence: 15, apply: encodeUrl },
  ":length": { precedence: 10, apply: (text) => String([...text].length) },
};

function onFirst(text: string, change: (first: string) => string): string {
  const [first = ""] = text;
  return change(first) + text.slice(first.length);
}

/** Unreserved characters of RFC 3986 stay. */
function encodeUrl(text: string): string {
  return [...Buffer.from(text, "utf8")]
    .map((octet) => {
      const character = String.fromCharCode(octet);
      return /[A-Za-z0-9._~-]/.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

const tags = Object.fromEntries(
  Object.entries(modifiers).map(([name, { precedence }]) => [
    name,
    {
      group: `precedence ${precedence}`,
      ...(name === ":encodeurl" && { needs: ["enotify"] }),
      ...(name === ":quoteregex" && { needs: ["regex"] }),
    },
  ]),
);

/** RFC 5229 section 4. */
export const set: CommandSpec = {
  needs: ["variables"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, tags);
    const variable = reader.text("the name of a variable");
    const value = reader.text("a value");
    reader.end();
    if (variable.constant === undefined) {
      throw new SieveError("The name of a variable holds no variable", variable.position);
    }
    const name = checkVariableName(variable.constant, variable.position, context);
    const applied = Object.entries(modifiers)
      .filter(([tag]) => reader.has(tag))
      .map(([, modifier]) => modifier)
      .sort((a, b) => b.precedence - a.precedence);
    return (machine) => {
      let text = value.read(machine);
      machine.spend(text.length / 200);
      for (const { apply } of applied) text = machine.cut(apply(text));
      machine.setVariable(name, text);
      return undefined;
    };
  },
};
