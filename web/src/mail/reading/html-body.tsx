import type { Id } from "@bouquet/contract/jmap.ts";
import type { EmailBodyPart } from "@bouquet/contract/jmap-mail.ts";
import { useEffect, useMemo, useRef, useState } from "react";
import { useMailText } from "../../i18n/mail.ts";
import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { useAppearance } from "../../ui/theme/appearance.ts";
import { useJmap } from "../jmap/accounts.ts";
import { downloadUrl } from "../jmap/client.ts";
import { framePage } from "./frame-page.ts";
import { type SafeHtml, sanitizeHtml } from "./sanitize-html.ts";

interface Props {
  readonly accountId: Id;
  readonly html: string;
  /** Parts that images of the text may refer to by Content-ID. */
  readonly parts: readonly EmailBodyPart[];
  readonly onMailto: (address: string) => void;
}

/** A message in HTML, in a frame without scripts, whose policy lets nothing in. */
export function HtmlBody({ accountId, html, parts, onMailto }: Props) {
  const t = useMailText();
  const [allowRemote, setAllowRemote] = useState(false);
  const safe = useMemo(() => sanitizeHtml(html, allowRemote, t.quoted), [html, allowRemote, t.quoted]);
  return (
    <>
      {safe.hasRemote && (
        <Note tone="plain">
          <span className="row wrap-row small">
            <span className="grow">{t.imagesHidden}</span>
            <Button size="sm" onPress={() => setAllowRemote(true)}>
              {t.showImages}
            </Button>
          </span>
        </Note>
      )}
      <SafeFrame accountId={accountId} safe={safe} allowRemote={allowRemote} parts={parts} onMailto={onMailto} />
    </>
  );
}

function SafeFrame({
  accountId,
  safe,
  allowRemote,
  parts,
  onMailto,
}: Omit<Props, "html"> & { safe: SafeHtml; allowRemote: boolean }) {
  const t = useMailText();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(80);
  const [loaded, setLoaded] = useState(0);
  const { theme } = useAppearance();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read again when the theme changes
  const page = useMemo(() => framePage(safe, allowRemote), [safe, allowRemote, theme]);

  const mailto = useRef(onMailto);
  mailto.current = onMailto;
  useEffect(() => {
    const inside = frame.current?.contentDocument;
    const content = inside?.getElementById("m");
    if (loaded === 0 || !inside || !content) return;
    const measure = () =>
      setHeight(Math.ceil(Math.max(content.getBoundingClientRect().height, content.scrollHeight)) + 2);
    const watch = new ResizeObserver(measure);
    watch.observe(content);
    measure();
    const onClick = (event: Event) => {
      const link = (event.target as Element | null)?.closest?.("a[href]");
      const href = link?.getAttribute("href") ?? "";
      if (!/^mailto:/i.test(href)) return;
      event.preventDefault();
      mailto.current(decodeURIComponent(href.slice(7).split("?")[0] ?? ""));
    };
    inside.addEventListener("click", onClick);
    return () => {
      watch.disconnect();
      inside.removeEventListener("click", onClick);
    };
  }, [loaded]);

  useCidImages(frame, loaded, accountId, safe.cids, parts);

  return (
    <iframe
      ref={frame}
      className="mail-frame"
      title={t.messageText}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      srcDoc={page}
      style={{ height }}
      onLoad={() => setLoaded((times) => times + 1)}
    />
  );
}

/** Fetches the images that the message carries with it, and puts them in their places. */
function useCidImages(
  frame: React.RefObject<HTMLIFrameElement | null>,
  loaded: number,
  accountId: Id,
  cids: readonly string[],
  parts: readonly EmailBodyPart[],
): void {
  const { session } = useJmap();
  useEffect(() => {
    if (loaded === 0) return;
    const stop = new AbortController();
    const urls: string[] = [];
    for (const cid of cids) {
      const part = parts.find((each) => each.cid === cid && /^image\/(png|jpe?g|gif|webp|avif|bmp)$/i.test(each.type));
      if (!part?.blobId) continue;
      fetch(downloadUrl(session, accountId, part), { signal: stop.signal })
        .then(async (response) => {
          if (!response.ok) return;
          const url = URL.createObjectURL(new Blob([await response.arrayBuffer()], { type: part.type }));
          urls.push(url);
          for (const image of frame.current?.contentDocument?.querySelectorAll<HTMLImageElement>("img[data-cid]") ??
            []) {
            if (image.dataset.cid === cid) image.src = url;
          }
        })
        .catch(() => undefined);
    }
    return () => {
      stop.abort();
      for (const url of urls) URL.revokeObjectURL(url);
    };
  }, [frame, loaded, session, accountId, cids, parts]);
}
