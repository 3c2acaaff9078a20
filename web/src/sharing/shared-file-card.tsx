import { Download } from "lucide-react";
import { formatBytes, formatDateInSentence } from "../i18n/format.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { useLanguage } from "../i18n/text.ts";
import { useTitle } from "../shell/title.ts";
import { ButtonLink } from "../ui/button.tsx";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { allowsInWords } from "./allows-words.ts";
import { Sender } from "./sender.tsx";
import { ShareNote } from "./share-note.tsx";
import type { OpenShare } from "./share-queries.ts";
import { downloadPath } from "./share-queries.ts";
import { SharedPreview } from "./shared-preview.tsx";
import { SharedUploads } from "./shared-uploads.tsx";
import { useTake } from "./use-take.ts";

interface Props {
  readonly token: string;
  readonly info: OpenShare;
  /** The link asks for its password again, or has ended. */
  readonly onClosed: () => Promise<void>;
}

/** One shared file: what it is, its picture or player where a browser has one, and the way to take it. */
export function SharedFileCard({ token, info, onClosed }: Props) {
  const t = useSharingText();
  const language = useLanguage();
  const { node, allows } = info;
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
            {t.fileFacts(formatBytes(language, node.size), formatDateInSentence(node.modifiedAt, { language }))}{" "}
            {allowsInWords(t, info)}
          </p>
        </div>
        {allows.canDownload && (
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
        )}
      </div>
      <ShareNote note={info.note} from={info.sharedBy} />
      <SharedPreview key={node.versionId} token={token} info={info} />
      {allows.canEdit && (
        <SharedUploads
          token={token}
          folderId="top"
          needsName={false}
          isNewVersion
          onSent={() => void onClosed()}
          onClosed={onClosed}
        />
      )}
    </section>
  );
}
