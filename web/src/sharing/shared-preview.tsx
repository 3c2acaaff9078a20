import { useState } from "react";
import { useSharingText } from "../i18n/sharing.ts";
import { cx } from "../ui/cx.ts";
import { isPage } from "../ui/previewed.ts";
import { type OpenShare, picturePath, viewPath } from "./share-queries.ts";
import { TextPreview } from "./text-preview.tsx";

/** Bytes: a heavier picture is shown by its preview. */
const lightPicture = 1_000_000;

/** A shared file as far as the browser can show it: its player, its text, its picture, or the picture of its first page. */
export function SharedPreview({ token, info }: { token: string; info: OpenShare }) {
  const t = useSharingText();
  const { node, allows, downloadsLeft } = info;
  const [failed, setFailed] = useState(0);
  const view = viewPath(token, node, info);
  const [type] = node.contentType.split("/");
  if (view !== undefined && type === "text") {
    return (
      <div className="preview">
        <TextPreview src={view} name={node.name} />
      </div>
    );
  }
  if (view !== undefined && (type === "video" || type === "audio")) {
    return (
      <div className="preview">
        {/* biome-ignore-start lint/a11y/useMediaCaption: a person's own recording has none */}
        {type === "video" && <video src={view} controls preload="metadata" aria-label={node.name} />}
        {type === "audio" && <audio src={view} controls preload="metadata" aria-label={node.name} />}
        {/* biome-ignore-end lint/a11y/useMediaCaption: a person's own recording has none */}
      </div>
    );
  }
  const drawn = picturePath(token, node, downloadsLeft === null ? "large" : "small");
  const whole = type === "image" && allows.canDownload ? view : undefined;
  const sources = (node.size <= lightPicture ? [whole, drawn] : [drawn, whole]).filter((src) => src !== undefined);
  const src = sources[failed];
  if (src === undefined) return allows.canDownload ? null : <p className="preview muted">{t.noPreview}</p>;
  return (
    <div className="preview">
      <img
        key={src}
        src={src}
        alt={isPage(node) ? t.firstPage(node.name) : node.name}
        className={cx(isPage(node) && "page")}
        onError={() => setFailed(failed + 1)}
      />
    </div>
  );
}
