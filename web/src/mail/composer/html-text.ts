const blocks = new Set([
  "P",
  "DIV",
  "H1",
  "H2",
  "H3",
  "H4",
  "UL",
  "OL",
  "LI",
  "BLOCKQUOTE",
  "PRE",
  "TABLE",
  "TR",
  "HR",
]);

/** The plain text of an HTML body, for programs that show no HTML: lists with dashes, links with their address, quotes with `>`. */
export function htmlToText(html: string): string {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  return textOf(body)
    .replaceAll("\u00a0", " ")
    .replaceAll(/[ \t]+\n/g, "\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

function textOf(node: Node, depth = 0): string {
  if (node.nodeType === Node.TEXT_NODE) return (node.textContent ?? "").replaceAll(/[ \t\r\n]+/g, " ");
  if (!(node instanceof Element) || depth > 200) return "";
  if (/^(STYLE|SCRIPT|TITLE|HEAD|SUMMARY)$/.test(node.tagName)) return "";
  if (node.tagName === "BR") return "\n";
  if (node.tagName === "HR") return "\n----\n";
  const inside = [...node.childNodes].map((child) => textOf(child, depth + 1)).join("");
  if (node.tagName === "A") {
    const href = node.getAttribute("href") ?? "";
    return /^https?:/i.test(href) && inside.trim() !== href ? `${inside} <${href}>` : inside;
  }
  if (node.tagName === "LI") {
    const list = node.parentElement;
    const number = list?.tagName === "OL" ? `${[...list.children].indexOf(node) + 1}. ` : "- ";
    return `\n${number}${inside.trim()}`;
  }
  if (node.tagName === "BLOCKQUOTE") return `\n\n${quoteText(inside.trim())}\n\n`;
  if (node.tagName === "TD" || node.tagName === "TH") return `${inside} `;
  if (!blocks.has(node.tagName)) return inside;
  const gap = node.tagName === "P" || node.tagName === "UL" || node.tagName === "OL" ? "\n\n" : "\n";
  return `${gap}${inside}${gap}`;
}

function quoteText(text: string): string {
  return text
    .replaceAll(/\n(?:[ \t]*\n){2,}/g, "\n\n")
    .split("\n")
    .map((line) => (line.startsWith(">") ? `>${line}` : `> ${line}`.trimEnd()))
    .join("\n");
}

/** Paragraphs of a plain text, for the editor. */
export function textToHtml(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll("\n", "<br>")}</p>`)
    .join("");
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
