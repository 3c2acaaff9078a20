// Runs before every program of the repository (node --import). Plain JavaScript, so that an older Node can say what is wrong.
import { readFileSync } from "node:fs";
import module from "node:module";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const pinned = Object.values(manifest.optionalDependencies)[0];

if (process.versions.node.split(".")[0] !== pinned.split(".")[0]) {
  console.error(
    `Bouquet runs on Node ${pinned}, which npm ci installs in node_modules, but this is Node ${process.versions.node}: ` +
      `run npm ci (without --omit=optional), then start it by npm start rather than directly.`,
  );
  process.exit(1);
}

// Types are stripped and code compiled once, not at each start; where the directory cannot be written, nothing is kept.
module.enableCompileCache(new URL("../node_modules/.cache/node", import.meta.url).pathname);
