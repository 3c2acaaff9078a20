import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { PreviewVariant, RenderedPreview } from "../../domain/drive/previews/preview-renderer.ts";
import { PreviewFailure } from "./preview-failure.ts";

const variants: readonly PreviewVariant[] = ["small", "small_square", "large", "large_square"];

/** What was drawn into a folder. @throws PreviewFailure when one is missing */
export async function collectPictures(folder: string): Promise<RenderedPreview[]> {
  return Promise.all(
    variants.map(async (variant) => {
      const jpeg = await readPicture(join(folder, `${variant}.jpg`), jpegStart);
      if (jpeg) return { variant, contentType: "image/jpeg", bytes: jpeg } as const;
      const png = await readPicture(join(folder, `${variant}.png`), pngStart);
      if (!png) throw new PreviewFailure("unsuitable", "Nothing was drawn");
      return { variant, contentType: "image/png", bytes: png } as const;
    }),
  );
}

const jpegStart = Buffer.from("ffd8ff", "hex");
const pngStart = Buffer.from("89504e470d0a1a0a", "hex");
const largestPicture = 8e6;

/** What was drawn comes from where strangers' files are read: no link is followed, no pipe waited for. */
async function readPicture(path: string, start: Buffer): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (!file) return undefined;
  try {
    const about = await file.stat();
    if (!about.isFile() || about.size > largestPicture) return undefined;
    const bytes = await file.readFile();
    return bytes.subarray(0, start.length).equals(start) ? bytes : undefined;
  } finally {
    await file.close();
  }
}
