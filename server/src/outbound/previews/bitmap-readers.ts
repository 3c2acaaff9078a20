/** One picture, with the decoder named: ffmpeg guesses nothing from what a stranger sent. */
function image(decoder: string): readonly string[] {
  return ["-f", "image2", "-pattern_type", "none", "-c:v", decoder];
}

/** How ffmpeg reads the pictures that sharp does not. */
export const bitmapReaders: Readonly<Record<string, readonly string[]>> = {
  "image/bmp": image("bmp"),
  "image/jp2": image("jpeg2000"),
  "image/vnd.adobe.photoshop": image("psd"),
  "image/vnd.microsoft.icon": ["-f", "ico"],
  "image/vnd.zbrush.pcx": image("pcx"),
  "image/x-bmp": image("bmp"),
  "image/x-icon": ["-f", "ico"],
  "image/x-ms-bmp": image("bmp"),
  "image/x-pcx": image("pcx"),
  "image/x-portable-bitmap": image("pbm"),
  "image/x-portable-graymap": image("pgm"),
  "image/x-portable-pixmap": image("ppm"),
  "image/x-targa": image("targa"),
  "image/x-tga": image("targa"),
};
