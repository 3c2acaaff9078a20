import letters from "../../ui/theme/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2?url";
import figures from "../../ui/theme/fonts/figtree-latin-wght-normal.woff2?url";
import type { SafeHtml } from "./sanitize-html.ts";

/**
 * The page of a frame that shows HTML of a stranger: its policy lets in our faces, and images as far as they are allowed. A
 * message with colours of its own stands on white when the theme is dark; the others take the theme's.
 */
export function framePage({ html, isColored }: SafeHtml, allowRemote: boolean): string {
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
