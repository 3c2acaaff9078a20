import type { FileScanner } from "../domain/drive/require-clean.ts";
import { scanForViruses } from "../domain/mail/screening/scan-for-viruses.ts";
import type { ScanningDeps } from "../domain/mail/screening/screening-deps.ts";

/** Has files scanned as mail is: an outage is logged, counted and told to the operator once. Undefined when no scanner is configured. */
export function createFileScanner(deps: ScanningDeps): FileScanner | undefined {
  if (!deps.virusScanner) return undefined;
  return {
    async scan(file) {
      const found = await scanForViruses(deps, file);
      if (found.outcome === "unavailable" || found.outcome === "off")
        throw new Error("The virus scanner does not answer");
      return found;
    },
  };
}
