import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const list = resolve(import.meta.dirname, "../.ci/packages");

/**
 * Makes sure that the Debian packages the tests need are installed; as root installs those that are missing.
 * Returns the sentence for the person who must do it, or undefined when all are there.
 */
export function installTestPackages(): string | undefined {
  const wanted = readFileSync(list, "utf8").split(/\s+/).filter(Boolean);
  const missing = wanted.filter((name) => !isInstalled(name));
  if (missing.length === 0) return undefined;
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0) {
    return `The tests need Debian packages that are not installed: ${missing.join(", ")}. Install them with:\n  sudo ${command}`;
  }
  console.log(`Installing ${missing.join(", ")}`);
  for (const step of ["apt-get update", command]) {
    const [program = "", ...args] = step.split(" ");
    const { status, error } = spawnSync(program, args, {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status !== 0)
      return `Installing the Debian packages that the tests need failed: ${step} (${error?.message ?? `code ${status}`}).`;
  }
  return undefined;
}

function isInstalled(name: string): boolean {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of dpkg-query, not of JavaScript
  const { stdout } = spawnSync("dpkg-query", ["--show", "--showformat=${db:Status-Status}", name], {
    encoding: "utf8",
  });
  return stdout === "installed";
}
