import DOMPurify from "dompurify";

export interface SafeHtml {
  /** The content of a body, with the style sheets of the message before it. */
  readonly html: string;
  /** Whether something remote was left out. */
  readonly hasRemote: boolean;
  /** Content-IDs that images refer to. */
  readonly cids: readonly string[];
  /** Whether the message sets colours of its own: it then stands on white, in the dark too. */
  readonly isColored: boolean;
}

const forbiddenTags = [
  "form", "input", "button", "select", "option", "textarea", "label", "fieldset",
  "iframe", "frame", "frameset", "object", "embed", "applet", "portal",
  "audio", "video", "source", "track", "canvas", "svg", "math",
  "base", "meta", "link", "title", "dialog", "template", "slot",
]; // biome-ignore format: a list
const forbiddenAttributes = [
  "srcset",
  "ping",
  "action",
  "formaction",
  "autofocus",
  "tabindex",
  "contenteditable",
  "popover",
  "popovertarget",
  "part",
  "slot",
  "name",
];

const remoteUrl = /url\(\s*["']?\s*(?:https?:)?\/\//i;
const quoteSelector =
  "blockquote[type=cite], .gmail_quote, .bouquet-quote, .moz-cite-prefix + blockquote, #divRplyFwdMsg, .yahoo_quoted";

/*
 * DOMPurify holds the value of every attribute against this, not only addresses: what has no scheme must pass. Addresses that
 * are left relative are taken out of links and images afterwards.
 */
const allowedValue =
  /^(?:(?:https?|mailto|tel|cid):|data:image\/(?:png|jpe?g|gif|webp|avif|bmp);|[^a-z]|[a-z+.-]+(?:[^a-z+.:-]|$))/i;

function purify(given: string): HTMLElement {
  return DOMPurify.sanitize(given, {
    WHOLE_DOCUMENT: true,
    ADD_TAGS: ["style"],
    FORBID_TAGS: forbiddenTags,
    FORBID_ATTR: forbiddenAttributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: allowedValue,
    RETURN_DOM: true,
  }) as HTMLElement;
}

/** HTML that is answered or forwarded: without what could act, and without style sheets, which would reach what is written above. */
export function purifyForQuote(given: string): string {
  const clean = purify(given);
  for (const style of clean.querySelectorAll("style")) style.remove();
  return (clean.querySelector("body") ?? clean).innerHTML;
}

/**
 * Makes HTML of a stranger fit for the sandboxed frame: no script, form, frame or media; links leave for a new tab; images
 * only from the message itself, unless `allowRemote`. The frame's own policy holds the same walls a second time.
 */
export function sanitizeHtml(given: string, allowRemote: boolean, quotedLabel: string): SafeHtml {
  const clean = purify(given);
  const state = { hasRemote: false, cids: new Set<string>() };
  for (const element of clean.querySelectorAll<HTMLElement>("*")) cleanElement(element, allowRemote, state);
  for (const style of clean.querySelectorAll("style")) {
    if (!allowRemote && remoteUrl.test(style.textContent ?? "")) state.hasRemote = true;
    // What would leave the sheet is gone with its closing tag; imports would be refused by the policy anyway.
    style.textContent = (style.textContent ?? "").replaceAll(/@import[^;]*;?/gi, "").replaceAll(/<\/?/g, "");
  }
  const body = clean.querySelector("body") ?? clean;
  foldQuotes(body, quotedLabel);
  const styles = [...clean.querySelectorAll("style")].map((style) => style.outerHTML).join("");
  for (const style of body.querySelectorAll("style")) style.remove();
  const { bgColor } = body as HTMLBodyElement;
  const own = body.getAttribute("style") ?? "";
  const isColored =
    (bgColor !== undefined && bgColor !== "") ||
    /(^|[^-])\b(background|color)\b\s*:|bgcolor=|<font[^>]+color=|background=/i.test(styles + own + body.innerHTML);
  const html =
    own === ""
      ? body.innerHTML
      : `<div style="${own.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">${body.innerHTML}</div>`;
  return { html: styles + html, hasRemote: state.hasRemote, cids: [...state.cids], isColored };
}

function cleanElement(
  element: HTMLElement,
  allowRemote: boolean,
  state: { hasRemote: boolean; cids: Set<string> },
): void {
  if (element.tagName === "A" || element.tagName === "AREA") {
    const href = element.getAttribute("href") ?? "";
    if (/^(https?:|mailto:|tel:)/i.test(href)) {
      element.setAttribute("target", "_blank");
      element.setAttribute("rel", "noopener noreferrer");
    } else element.removeAttribute("href");
  }
  for (const name of ["src", "background"]) {
    const value = element.getAttribute(name)?.trim();
    if (value === undefined) continue;
    if (/^cid:/i.test(value) && element.tagName === "IMG") {
      const cid = decodeCid(value.slice(4));
      state.cids.add(cid);
      element.removeAttribute("src");
      element.setAttribute("data-cid", cid);
    } else if (/^data:image\//i.test(value)) continue;
    else if (!(allowRemote && /^https:/i.test(value))) {
      element.removeAttribute(name);
      if (/^https:/i.test(value)) state.hasRemote = true;
      if (element.tagName === "IMG") element.setAttribute("data-hidden", "");
    }
  }
  if (!allowRemote && remoteUrl.test(element.getAttribute("style") ?? "")) state.hasRemote = true;
}

function decodeCid(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Folds what a message quotes into a disclosure that needs no script; unless there is nothing else to read. */
function foldQuotes(body: HTMLElement, label: string): void {
  for (const quote of body.querySelectorAll<HTMLElement>(quoteSelector)) {
    if (quote.parentElement?.closest(`details, ${quoteSelector}`)) continue;
    if ((body.textContent ?? "").trim() === (quote.textContent ?? "").trim()) continue;
    const fold = body.ownerDocument.createElement("details");
    const summary = body.ownerDocument.createElement("summary");
    summary.textContent = label;
    quote.replaceWith(fold);
    fold.append(summary, quote);
  }
}
