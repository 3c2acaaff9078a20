import { spawn } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

type Check = { readonly name: string; readonly command: string; readonly args: readonly string[] };

const node = (name: string, ...args: string[]): Check => ({ name, command: process.execPath, args });
const tool = (name: string, command: string, ...args: string[]): Check => ({
  name,
  command: resolve(root, "node_modules/.bin", command),
  args,
});

const checks: readonly Check[] = [
  tool("types of server, contract, tests and scripts", "tsc", "-p", "tsconfig.json"),
  tool("types of web", "tsc", "-p", "web/tsconfig.json"),
  tool("lint and format", "biome", "ci", "--colors=off", "--diagnostic-level=error"),
  node("architecture", "--test", "--test-reporter=dot", "server/test/architecture.test.ts"),
  node("file sizes", "scripts/check-file-sizes.ts"),
  node("types of the database", "scripts/generate-schema.ts", "--check"),
  node("configuration reference", "scripts/generate-config-docs.ts", "--check"),
];

async function run({ name, command, args }: Check): Promise<boolean> {
  const begin = performance.now();
  const { promise, resolve: done } = Promise.withResolvers<number | null>();
  const child = spawn(command, [...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said += chunk;
    });
  }
  child.once("error", (error) => {
    said += error.message;
    done(null);
  });
  child.once("close", done);
  const passed = (await promise) === 0;
  console.log(`${passed ? "✔" : "✖"} ${name} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
  if (!passed) console.log(said.trimEnd());
  return passed;
}

const results = await Promise.all(checks.map(run));
if (results.includes(false)) process.exitCode = 1;
