import type { useSharingText } from "../i18n/sharing.ts";
import type { OpenShare } from "./share-queries.ts";

/** What whoever has the link may do, in a sentence or two. */
export function allowsInWords(
  t: ReturnType<typeof useSharingText>,
  { allows, downloadsLeft }: Pick<OpenShare, "allows" | "downloadsLeft">,
): string {
  const words = allows.canEdit
    ? t.allowsEdit
    : allows.canUpload
      ? t.allowsAdd
      : allows.canDownload
        ? t.allowsView
        : t.allowsLook;
  return downloadsLeft === null ? words : `${words} ${t.downloadsLeft(downloadsLeft)}`;
}
