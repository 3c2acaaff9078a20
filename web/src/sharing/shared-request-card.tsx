import { useSharingText } from "../i18n/sharing.ts";
import { useTitle } from "../shell/title.ts";
import { Sender } from "./sender.tsx";
import { ShareNote } from "./share-note.tsx";
import type { OpenShare } from "./share-queries.ts";
import { SharedUploads } from "./shared-uploads.tsx";

interface Props {
  readonly token: string;
  readonly info: OpenShare;
  readonly onClosed: () => Promise<void>;
}

/** A file request: nothing to see, a place to drop files. */
export function SharedRequestCard({ token, info, onClosed }: Props) {
  const t = useSharingText();
  useTitle(t.requestTitle(info.node.name));
  return (
    <section className="card">
      <div className="hd">
        <div className="grow">
          <Sender info={info} />
          <h1>{info.node.name}</h1>
          <p className="muted">{t.requestText}</p>
        </div>
      </div>
      <ShareNote note={info.note} from={info.sharedBy} />
      <SharedUploads token={token} folderId="top" needsName onSent={() => {}} onClosed={onClosed} />
    </section>
  );
}
