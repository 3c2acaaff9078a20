import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { openPreviews, type Previews } from "../domain/drive/previews/open-previews.ts";
import type { OpenedDomain } from "../open-domain.ts";
import { createPreviewRenderer } from "../outbound/previews/create-preview-renderer.ts";
import { findProgram } from "../outbound/previews/find-program.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Pictures of files, by the programs that are installed. */
export function startPreviews(config: Config, { store, blobs }: OpenedDomain, log: Logger): Previews {
  const { atOnce, programs, searched } = config.previews;
  const find = (name: string | undefined) => (name === undefined ? undefined : findProgram(name, searched));
  const renderer = createPreviewRenderer({
    programs: {
      ffmpeg: find(programs.ffmpeg),
      pdftoppm: find(programs.pdftoppm),
      soffice: find(programs.soffice),
      heifConvert: find(programs.heifConvert),
    },
    // Not in /tmp: a service may have none to write in.
    workDirectory: join(config.dataDirectory, "drawing"),
    hidden: [config.dataDirectory, config.blobs.directory],
    searched,
    onIsolation: (isWhole) => {
      if (!isWhole) {
        log.warn(
          {},
          "the system permits no namespaces: programs that draw files are kept in by limits and settings alone",
        );
      }
    },
  });
  return openPreviews(
    { store, blobs },
    { renderer: atOnce === 0 ? { ...renderer, draws: () => false } : renderer, places: Math.max(1, atOnce), log },
  );
}
