const picture = /^(image\/(png|jpeg|gif|webp|avif|tiff|heic|heif|svg\+xml)|(video|audio)\/.+)$/;
const page =
  /^(application\/(pdf|json|rtf|msword|vnd\.(ms-(excel|powerpoint)|oasis\.opendocument\.(text|spreadsheet|presentation|graphics)|openxmlformats-officedocument\..+))|text\/(plain|markdown|csv))$/;

/** Its picture is one of a page: it begins at its top. */
export function isPage({ contentType }: { readonly contentType: string }): boolean {
  return page.test(contentType);
}

interface File {
  readonly kind: "file" | "folder";
  readonly size: number;
  readonly contentType: string;
}

/** Whether the server may have a picture of it. Where that is small, a page says less than its icon. */
export function hasPicture(node: File, size: "small" | "large"): boolean {
  if (node.kind === "folder" || node.size === 0) return false;
  return picture.test(node.contentType) || (size === "large" && isPage(node));
}
