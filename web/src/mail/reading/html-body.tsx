import type { Id } from "@bouquet/contract/jmap.ts";
import type { EmailBodyPart } from "@bouquet/contract/jmap-mail.ts";
import { useEffect, useMemo, useRef, useState } from "react";
import { useMailText } from "../../i18n/mail.ts";
import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { useAppearance } from "../../ui/theme/appearance.ts";
import letters from "../../ui/theme/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2?url";
import figures from "../../ui/theme/fonts/figtree-latin-wght-normal.woff2?url";
import { useJmap } from "../jmap/accounts.ts";
import { downloadUrl } from "../jmap/client.ts";
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

function framePage({ html, isColored }: SafeHtml, allowRemote: boolean): string {
  const images = allowRemote ? "data: blob: https:" : "data: blob:";
  const policy = `default-src 'none'; img-src ${images}; style-src 'unsafe-inline'; font-src ${window.location.origin}; form-action 'none'; base-uri 'none'`;
  const of = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const isDark = of("color-scheme") === "dark" || getComputedStyle(document.documentElement).colorScheme === "dark";
  const onWhite = isColored && isDark;
  const face = (name: string, file: string, more: string) =>
    `@font-face{font-family:"${name}";src:url("${new URL(file, window.location.href).href}") format("woff2");${more}}`;
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"><style>
${face("Bouquet", letters, "font-weight:200 800")}${face("Bouquet Figures", figures, "font-weight:300 900;size-adjust:95.6%;unicode-range:U+30-39")}
:root{color-scheme:${isDark && !onWhite ? "dark" : "light"}}
body{margin:0;${onWhite ? "background:#fff;color:#1d241f;" : `background:transparent;color:${of("--text")};`}font:420 16px/1.6 "Bouquet Figures","Bouquet",system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere;overflow-x:auto;overflow-y:hidden}
#m{display:flow-root;${onWhite ? "padding:12px;" : ""}min-width:min-content}
#m>:first-child{margin-top:0}#m>:last-child{margin-bottom:0}
p{margin:0 0 12px}img{max-width:100%;height:auto}img[data-hidden],img[data-cid]:not([src]){display:none}pre{white-space:pre-wrap}
a{color:${onWhite ? "#1e5b42" : of("--accent")}}blockquote{margin:8px 0;padding:0 0 0 12px;border-left:3px solid ${onWhite ? "#e1dbcd" : of("--line")}}
summary{cursor:pointer;color:${onWhite ? "#565d54" : of("--text-muted")};font-size:14px;padding:4px 0;width:max-content}summary:focus-visible,a:focus-visible{outline:3px solid ${of("--focus")};outline-offset:2px;border-radius:6px}
</style></head><body><div id="m">${html}</div></body></html>`;
}
