import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

/** What axe finds against WCAG 2 A and AA, one line each; an empty list is what every screen must give. */
export async function findViolations(page: Page): Promise<string[]> {
  // Nothing is measured while it slides in: half transparent, it has too little contrast.
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== "running"));
  // Through the debugger, not as a <script>: the page's own CSP stays in force.
  const result = (await page.evaluate(
    `${axe}; axe.run(document, { runOnly: ["wcag2a", "wcag2aa"], resultTypes: ["violations"] })`,
  )) as AxeResult;
  return result.violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${violation.help} — ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`,
    ),
  );
}
