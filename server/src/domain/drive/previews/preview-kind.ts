/** How a picture of a file is made. `bitmap`: of the kinds of image that only a program beside ours reads. */
export type PreviewKind = "image" | "bitmap" | "svg" | "heif" | "pdf" | "text" | "video" | "audio" | "office";

/** Beyond, in bytes, nothing is tried. Of a film or a recording only the beginning and the end are read. */
const largest: Readonly<Record<PreviewKind, number>> = {
  image: 200e6,
  bitmap: 200e6,
  svg: 5e6,
  heif: 100e6,
  pdf: 200e6,
  text: Number.POSITIVE_INFINITY,
  video: Number.POSITIVE_INFINITY,
  audio: Number.POSITIVE_INFINITY,
  office: 50e6,
};

const exact: Readonly<Record<string, PreviewKind>> = {
  "image/avif": "image",
  "image/bmp": "bitmap",
  "image/gif": "image",
  "image/heic": "heif",
  "image/heif": "heif",
  "image/jp2": "bitmap",
  "image/jpeg": "image",
  "image/png": "image",
  "image/svg+xml": "svg",
  "image/tiff": "image",
  "image/vnd.adobe.photoshop": "bitmap",
  "image/vnd.microsoft.icon": "bitmap",
  "image/vnd.zbrush.pcx": "bitmap",
  "image/webp": "image",
  "image/x-bmp": "bitmap",
  "image/x-icon": "bitmap",
  "image/x-ms-bmp": "bitmap",
  "image/x-pcx": "bitmap",
  "image/x-portable-bitmap": "bitmap",
  "image/x-portable-graymap": "bitmap",
  "image/x-portable-pixmap": "bitmap",
  "image/x-targa": "bitmap",
  "image/x-tga": "bitmap",
  "application/pdf": "pdf",
  "application/json": "text",
  "application/xml": "text",
  "text/calendar": "text",
  "text/css": "text",
  "text/csv": "text",
  "text/html": "text",
  "text/javascript": "text",
  "text/markdown": "text",
  "text/plain": "text",
  "text/vcard": "text",
  "application/msword": "office",
  "application/rtf": "office",
  "application/vnd.ms-excel": "office",
  "application/vnd.ms-powerpoint": "office",
  "application/vnd.oasis.opendocument.graphics": "office",
  "application/vnd.oasis.opendocument.presentation": "office",
  "application/vnd.oasis.opendocument.spreadsheet": "office",
  "application/vnd.oasis.opendocument.text": "office",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "office",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "office",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "office",
};

/** @returns undefined for what has no picture */
export function previewKindOf(contentType: string): PreviewKind | undefined {
  if (Object.hasOwn(exact, contentType)) return exact[contentType];
  if (contentType.startsWith("video/")) return "video";
  return contentType.startsWith("audio/") ? "audio" : undefined;
}

/** Whether a file of that kind is tried at all. @param size in bytes */
export function isDrawable(kind: PreviewKind, size: number): boolean {
  return size > 0 && size <= largest[kind];
}
