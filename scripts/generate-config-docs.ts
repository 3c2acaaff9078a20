import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { configFileVariable, defaultConfigFile } from "../server/src/config/load-config.ts";
import type { Setting } from "../server/src/config/setting.ts";
import { settingGroups } from "../server/src/config/settings.ts";

const target = resolve(import.meta.dirname, "../docs/configuration.md");

/** The reference of the settings, as docs/configuration.md should hold it. */
function renderConfigDocs(): string {
  const groups = settingGroups.map(({ title, settings }) => {
    const entries = Object.entries<Setting>(settings).map(([name, setting]) => renderSetting(name, setting));
    return `## ${title}\n\n${entries.join("\n")}`;
  });
  return `# Configuration

<!-- Generated from server/src/config/settings.ts by node scripts/generate-config-docs.ts. Do not edit. -->

Every setting is an environment variable. It may also stand in a file, one \`NAME=value\` on a line, \`#\` before a
comment, a value in quotes when it begins or ends with a space: \`${defaultConfigFile}\` in the directory where the program starts, or the
file that \`${configFileVariable}\` names. A variable wins over the file; an empty value counts as not given. A wrong value, or a
\`BOUQUET_\` name that does not exist, stops the start with one sentence.

Nothing has to be set to try the program. An installation that people use sets at least \`BOUQUET_BASE_DOMAIN\`,
\`BOUQUET_PUBLIC_SCHEME\`, the certificate, the operator and the support contact.

Sizes are written \`25MB\`, \`2GB\` (decimal) or \`64MiB\` (binary); paths are relative to the directory where the program starts.

${groups.join("\n")}`;
}

function renderSetting(name: string, setting: Setting): string {
  const standard = setting.default === undefined ? setting.defaultDoc : `\`${setting.default}\``;
  return `### ${name}

${setting.doc}

- Value: ${markExamples(setting.parser.expected)}
- Default: ${standard}
`;
}

/** Puts what an operator would type in code marks: an asterisk would mean emphasis. */
function markExamples(expected: string): string {
  return expected.replace(/(?<![^\s(])(\*|[^\s()]*[*=][^\s()]*|\w+:\/\/\S+)(?![^\s),])/g, "`$1`");
}

const wanted = renderConfigDocs();
if (process.argv.includes("--check")) {
  let found = "";
  try {
    found = readFileSync(target, "utf8");
  } catch {
    // A missing file is a stale one.
  }
  if (found !== wanted) {
    console.error("docs/configuration.md is stale: run node scripts/generate-config-docs.ts.");
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, wanted);
}
