import { Download } from "lucide-react";
import { formatBytes, formatDateInSentence } from "../i18n/format.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { useLanguage } from "../i18n/text.ts";
import { useTitle } from "../shell/title.ts";
import { ButtonLink } from "../ui/button.tsx";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { Sender } from "./sender.tsx";
import type { OpenShare } from "./share-queries.ts";
import { downloadPath, viewPath } from "./share-queries.ts";
import { useTake } from "./use-take.ts";

/** One shared file: what it is, its picture or player where a browser has one, and the way to take it. */
export function SharedFileCard({ token, info }: { token: string; info: OpenShare }) {
  const t = useSharingText();
  const language = useLanguage();
  const { node } = info;
  const take = useTake(token);
  useTitle(node.name);
  return (
    <section className="card">
      <div className="hd">
        <div className="grow">
          <Sender info={info} />
          <div className="file-title">
            <FileGlyph mediaType={node.contentType} name={node.name} />
            <h1>{node.name}</h1>
          </div>
          <p className="muted">
            {t.fileFacts(formatBytes(language, node.size), formatDateInSentence(node.modifiedAt, { language }))}
          </p>
        </div>
        <ButtonLink
          variant="primary"
          size="lg"
          icon={Download}
          href={downloadPath(token, node)}
          download={node.name}
          onPress={() => take(node)}
        >
          {t.download}
        </ButtonLink>
      </div>
      <Preview token={token} info={info} />
    </section>
  );
}

function Preview({ token, info: { node } }: { token: string; info: OpenShare }) {
  const src = viewPath(token, node);
  const [type] = node.contentType.split("/");
  if (!src || type === "text") return null;
  return (
    <div className="preview">
      {type === "image" && <img src={src} alt={node.name} />}
      {/* biome-ignore lint/a11y/useMediaCaption: a person's own recording has none */}
      {type === "video" && <video src={src} controls preload="metadata" aria-label={node.name} />}
      {/* biome-ignore lint/a11y/useMediaCaption: a person's own recording has none */}
      {type === "audio" && <audio src={src} controls preload="metadata" aria-label={node.name} />}
    </div>
  );
}
