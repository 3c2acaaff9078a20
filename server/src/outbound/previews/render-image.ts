/**
 * A program of its own, which draws one picture and ends: `node render-image.ts raster|page|svg|text <file> <folder> <most pixels>`. Writes
 * `<variant>.jpg` or `<variant>.png` for every variant. Ends with 3 when there are too many pixels, with 2 when it is no such picture.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { textPage } from "./text-page.ts";

const variants = { small: 256, large: 1_024 } as const;

class TooManyPixels extends Error {}

/** Formats by what the file is, whatever it is called: a drawing is read only when one is expected, nothing else ever. */
const loaders = {
  raster: ["Jpeg", "Png", "Webp", "Nsgif", "Tiff", "Heif"],
  svg: ["Svg"],
} as const;

async function draw(mode: string, file: string, folder: string, mostPixels: number): Promise<void> {
  const isDrawing = mode === "svg" || mode === "text";
  // Of a page the beginning, of a picture the middle.
  const position = mode === "page" || mode === "text" ? "top" : "centre";
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: loaders[isDrawing ? "svg" : "raster"].map((name) => `VipsForeignLoad${name}`) });
  sharp.cache(false);
  const bytes = await readFile(file);
  // From memory: a drawing that came from nowhere has nothing beside it that it could refer to.
  const input = mode === "text" ? Buffer.from(textPage(bytes)) : bytes;
  const options = { limitInputPixels: mostPixels, failOn: "truncated", sequentialRead: true } as const;
  const { width, height } = await sharp(input, { ...options, limitInputPixels: false }).metadata();
  if (!(width > 0 && height > 0)) throw new Error("It has no size");
  if (width * height > mostPixels) throw new TooManyPixels(`${width} × ${height} pixels`);
  const density = isDrawing ? Math.min(2_400, Math.max(1, (72 * variants.large) / Math.max(width, height))) : undefined;
  const large = await sharp(input, { ...options, ...(density !== undefined && { density }) })
    .autoOrient()
    .resize({ width: variants.large, height: variants.large, fit: "inside", withoutEnlargement: true })
    .toColorspace("srgb")
    .png({ compressionLevel: 1 })
    .toBuffer();
  // From here on it is our own file: without metadata, upright, of a known format.
  sharp.unblock({ operation: ["VipsForeignLoadPng"] });
  const isOpaque = mode === "text" || (await sharp(large).stats()).isOpaque;
  const base = sharp(large);
  const write = async (picture: Sharp, name: string): Promise<void> => {
    if (isOpaque)
      await picture
        .flatten({ background: "#ffffff" })
        .jpeg({ quality: 82 })
        .toFile(join(folder, `${name}.jpg`));
    else await picture.png({ palette: true, compressionLevel: 9 }).toFile(join(folder, `${name}.png`));
  };
  for (const [name, side] of Object.entries(variants)) {
    await write(base.clone().resize({ width: side, height: side, fit: "inside", withoutEnlargement: true }), name);
    // Not enlarged: of a picture that is smaller, the square within it.
    const shown = await sharp(large).metadata();
    const square = Math.min(side, shown.width, shown.height);
    await write(base.clone().resize({ width: square, height: square, fit: "cover", position }), `${name}_square`);
  }
}

const [mode = "", file = "", folder = "", mostPixels = ""] = process.argv.slice(2);
try {
  await draw(mode, file, folder, Number(mostPixels));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof TooManyPixels ? 3 : 2;
}
