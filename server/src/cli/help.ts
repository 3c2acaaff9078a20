import type { Command } from "./command.ts";
import { commandGroups } from "./command-groups.ts";

/** Characters of a line. */
const width = 100;
const nameWidth = 22;

/** All commands, grouped, each with what it does. */
export function writeOverview(): string {
  const groups = commandGroups.flatMap(({ title, commands }) => [
    "",
    title,
    ...Object.entries(commands).map(([name, { what }]) => wrap(`  ${name}`.padEnd(nameWidth), what)),
  ]);
  return [
    "Bouquet : npm run bouquet -- <commande>",
    "          npm run bouquet -- help <commande>   les formes d’une commande",
    ...groups,
  ].join("\n");
}

/** One command: what it does, and the forms that it takes. */
export function writeHelp({ usage, what }: Command): string {
  return [wrap("", what), "", ...usage.map((form) => wrap("  npm run bouquet -- ", form))].join("\n");
}

/** Text after a head, in lines that stand below each other. */
function wrap(head: string, text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && head.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, at) => (at === 0 ? head : " ".repeat(head.length)) + each).join("\n");
}
