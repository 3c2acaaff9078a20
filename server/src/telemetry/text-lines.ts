import { inspect } from "node:util";
import type { DestinationStream } from "pino";

const bookkeeping = new Set(["level", "time", "msg", "area"]);

/** Turns the logger's JSON lines into lines for a person at a terminal: time, level, area, sentence, details. */
export function textLines(out: DestinationStream): DestinationStream {
  return {
    write: (json) => {
      const line = JSON.parse(json) as Record<string, unknown>;
      const details = Object.entries(line)
        .filter(([name]) => !bookkeeping.has(name))
        .map(
          ([name, value]) =>
            `${name}=${typeof value === "string" ? oneLine(value) : oneLine(inspect(value, { breakLength: Infinity }))}`,
        );
      const area = typeof line.area === "string" ? `${line.area}: ` : "";
      const level = String(line.level).toUpperCase().padEnd(5);
      out.write(
        `${String(line.time).slice(11, 23)} ${level} ${area}${oneLine(String(line.msg ?? ""))} ${details.join(" ")}`
          .trimEnd()
          .concat("\n"),
      );
    },
  };
}

/** A value that a stranger chose must not forge a line of the log or move the terminal's cursor. */
function oneLine(value: string): string {
  return value.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
