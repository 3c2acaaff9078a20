import type { DriveNode } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { errorOf, OfflineError } from "../../api/http.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { formatBytes } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Note, SkeletonRows } from "../../ui/feedback.tsx";
import { toastProblem } from "../../ui/toast.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { contentHref } from "../drive-queries.ts";

const picture = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;
const longestText = 500_000;

/**
 * A file as the browser can show it without ever running it: pictures, sound and film by their elements, text as text. Anything
 * else is downloaded.
 */
export function FileView({ node }: { node: DriveNode }) {
  const t = useDriveText();
  const { contentType } = node;
  const source = contentHref(node.id, "inline", node.versionId);
  if (picture.test(contentType)) {
    return (
      <div className="stage">
        <img src={source} alt={node.name} />
      </div>
    );
  }
  if (contentType.startsWith("video/")) {
    return (
      <div className="stage">
        {/* biome-ignore lint/a11y/useMediaCaption: a person's own film has no captions to give */}
        <video src={source} controls aria-label={node.name} />
      </div>
    );
  }
  if (contentType.startsWith("audio/")) {
    return (
      <div className="stage">
        {/* biome-ignore lint/a11y/useMediaCaption: a person's own recording has no captions to give */}
        <audio src={source} controls aria-label={node.name} />
      </div>
    );
  }
  if (contentType.startsWith("text/") || contentType === "application/json") return <TextView node={node} />;
  if (contentType === "application/pdf" && navigator.pdfViewerEnabled) return <PdfView node={node} />;
  return (
    <div className="stage">
      <EmptyState drawing="folder" level={2} title={t.noPreview}>
        {t.noPreviewText}
      </EmptyState>
    </div>
  );
}

/**
 * A tab of its own for the browser's reader, which does not run inside a page under our policy. The bytes are given as a
 * blob that is declared a PDF: whatever they are, they are never a page.
 */
function PdfView({ node }: { node: DriveNode }) {
  const t = useDriveText();
  const errorText = useDriveErrorText();
  const [isPending, setPending] = useState(false);
  const read = async () => {
    setPending(true);
    try {
      const response = await fetch(contentHref(node.id, "inline", node.versionId));
      if (!response.ok) throw await errorOf(response);
      const url = URL.createObjectURL(new Blob([await response.arrayBuffer()], { type: "application/pdf" }));
      window.open(url, "_blank", "noopener");
      // Long enough for the tab to have read it.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      toastProblem(errorText(error));
    }
    setPending(false);
  };
  return (
    <div className="stage">
      <EmptyState
        drawing="folder"
        level={2}
        title={t.pdfTitle}
        action={
          <Button icon={ExternalLink} isPending={isPending} onPress={() => void read()}>
            {t.openPdf}
          </Button>
        }
      >
        {t.pdfText}
      </EmptyState>
    </div>
  );
}

function TextView({ node }: { node: DriveNode }) {
  const t = useDriveText();
  const language = useLanguage();
  const errorText = useDriveErrorText();
  const { data, error } = useQuery({
    queryKey: ["text", node.id, node.versionId],
    queryFn: ({ signal }) => readText(node, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) {
    return (
      <div className="in-sheet">
        <Note tone="danger">{errorText(error)}</Note>
      </div>
    );
  }
  if (data === undefined) return <SkeletonRows />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="text-view" tabIndex={0} aria-label={node.name}>
      {node.size > longestText && <Note>{t.textCut(formatBytes(language, longestText))}</Note>}
      <pre>{data}</pre>
    </section>
  );
}

async function readText(node: DriveNode, signal: AbortSignal): Promise<string> {
  if (node.size === 0) return "";
  const headers: Record<string, string> = node.size > longestText ? { Range: `bytes=0-${longestText - 1}` } : {};
  let response: Response;
  try {
    response = await fetch(contentHref(node.id, "inline", node.versionId), { headers, signal });
  } catch (error) {
    throw signal.aborted ? error : new OfflineError(error);
  }
  if (!response.ok) throw await errorOf(response);
  const bytes = await response.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: node.size <= longestText }).decode(bytes);
  } catch {
    // Old documents of Windows.
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
