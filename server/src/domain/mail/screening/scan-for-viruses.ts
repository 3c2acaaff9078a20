import type { Readable } from "node:stream";
import { noteOutage, noteRecovery } from "./scanner-outage.ts";
import type { VirusFindings } from "./scanners.ts";
import type { ScanningDeps } from "./screening-deps.ts";

/** `unavailable`: the scanner does not answer; `off`: none is configured. */
export type ScanOutcome = VirusFindings | { readonly outcome: "unavailable" } | { readonly outcome: "off" };

/** Has a message or a file scanned. An outage is logged, counted and told to the operator here, once. Never throws. */
export async function scanForViruses(
  deps: ScanningDeps,
  message: { readonly size: number; open(): Readable },
): Promise<ScanOutcome> {
  if (!deps.virusScanner) return { outcome: "off" };
  const findings = await deps.virusScanner.scan(message).catch(async (error: unknown) => {
    if (await noteOutage(deps.store, "antivirus", error instanceof Error ? error.message : String(error))) {
      deps.log?.error({ error }, "the virus scanner does not answer: mail and uploads are put off");
    }
    return { outcome: "unavailable" } as const;
  });
  if (findings.outcome !== "unavailable") await noteRecovery(deps.store, "antivirus");
  deps.scans?.increase({ scanner: "antivirus", outcome: findings.outcome });
  if (findings.outcome === "too_large") {
    deps.log?.warn({ size: message.size }, "a message or a file is too large for the virus scanner: not scanned");
  }
  return findings;
}
