import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

export type Encoding = "br" | "gzip";

/** Below this an encoding saves nothing that one would notice. */
const worthwhile = 1_024;
/** Of all compressed files that are kept in memory. */
const capacity = 16 * 1024 * 1024;

const compressible = /^(text\/|application\/(json|manifest\+json)|image\/svg\+xml)/;

export function isCompressible(file: { readonly contentType: string; readonly size: number }): boolean {
  return file.size >= worthwhile && compressible.test(file.contentType);
}

/** The best encoding that an Accept-Encoding header allows (RFC 9110 section 12.5.3); undefined: as it is. */
export function chooseEncoding(header: string | undefined): Encoding | undefined {
  const allowed = new Map<string, boolean>();
  for (const item of (header ?? "").slice(0, 1_000).toLowerCase().split(",")) {
    const [name = "", ...parameters] = item.split(";").map((each) => each.trim());
    const weight = parameters.find((each) => each.startsWith("q="))?.slice(2);
    allowed.set(name, weight === undefined || Number(weight) > 0);
  }
  return (["br", "gzip"] as const).find((name) => allowed.get(name) ?? allowed.get("*") ?? false);
}

const compress: Record<Encoding, (bytes: Buffer) => Promise<Buffer>> = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      // The highest that costs milliseconds, not seconds.
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/** Files that do not change while the program runs, compressed when first asked for and kept. */
export class CompressedFiles {
  readonly #kept = new Map<string, Promise<Buffer | undefined>>();
  #bytes = 0;

  /** @returns undefined when there is no more room to keep it, or nothing is gained: send it as it is */
  get(path: string, encoding: Encoding): Promise<Buffer | undefined> {
    const key = `${encoding} ${path}`;
    const known = this.#kept.get(key);
    if (known) return known;
    const making = this.#make(path, encoding);
    this.#kept.set(key, making);
    // A file that could not be read now may be readable later.
    making.catch(() => this.#kept.delete(key));
    return making;
  }

  async #make(path: string, encoding: Encoding): Promise<Buffer | undefined> {
    if (this.#bytes >= capacity) return undefined;
    const bytes = await readFile(path);
    const compressed = await compress[encoding](bytes);
    if (compressed.length >= bytes.length) return undefined;
    this.#bytes += compressed.length;
    return compressed;
  }
}
