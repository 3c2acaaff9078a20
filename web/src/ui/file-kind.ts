export type FileKind = "dir" | "pdf" | "doc" | "xls" | "pres" | "img" | "media" | "archive" | "text" | "other";

const byExtension: Record<string, FileKind> = {
  pdf: "pdf",
  doc: "doc",
  docx: "doc",
  odt: "doc",
  rtf: "doc",
  xls: "xls",
  xlsx: "xls",
  ods: "xls",
  csv: "xls",
  ppt: "pres",
  pptx: "pres",
  odp: "pres",
  jpg: "img",
  jpeg: "img",
  png: "img",
  gif: "img",
  webp: "img",
  heic: "img",
  svg: "img",
  mp3: "media",
  mp4: "media",
  mov: "media",
  zip: "archive",
  "7z": "archive",
  gz: "archive",
  tar: "archive",
  rar: "archive",
  txt: "text",
  md: "text",
};

/** Kind of a file for its tile: from the media type, else from the name's extension. */
export function kindOfFile(mediaType: string, name = ""): FileKind {
  const type = mediaType.toLowerCase();
  if (type === "httpd/unix-directory" || type === "inode/directory") return "dir";
  if (type === "application/pdf") return "pdf";
  if (type.startsWith("image/")) return "img";
  if (type.startsWith("audio/") || type.startsWith("video/")) return "media";
  if (/word|opendocument\.text|rtf/.test(type)) return "doc";
  if (/excel|spreadsheet|csv/.test(type)) return "xls";
  if (/powerpoint|presentation/.test(type)) return "pres";
  if (/zip|x-tar|gzip|x-7z|rar/.test(type)) return "archive";
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  const known = extension === undefined ? undefined : byExtension[extension];
  if (known) return known;
  return type.startsWith("text/") ? "text" : "other";
}
