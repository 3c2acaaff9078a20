import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const limit = 500;

function listFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ["node_modules", ".git", "dist", "data"].includes(entry.name) ? [] : listFiles(path);
    return /\.(ts|tsx|mjs|css)$/.test(entry.name) && !/\.generated\.ts$/.test(entry.name) ? [path] : [];
  });
}

for (const path of listFiles(".")) {
  const lines = readFileSync(join(root, path), "utf8").split("\n").length - 1;
  if (lines <= limit) continue;
  console.error(`${path} has ${lines} lines; hand-written files have at most ${limit}.`);
  process.exitCode = 1;
}
