export interface Envelope {
  /** HTTP status, or 997 (nobody signed in), 998 (no such call). */
  readonly status: number;
  readonly message: string;
  readonly data: unknown;
}

export type OcsFormat = "json" | "xml";

/** The HTTP status of an envelope: version 1 knows 200 and 401, whatever the envelope says. */
export function httpStatusOf(version: 1 | 2, status: number): number {
  if (status === 997) return 401;
  if (status === 429) return 429;
  if (version === 1) return 200;
  return status === 998 ? 404 : status;
}

/** The text of an answer: what `ocs/v1.php` and `ocs/v2.php` of Nextcloud 31 write, byte for byte where clients look. */
export function writeEnvelope(version: 1 | 2, format: OcsFormat, { status, message, data }: Envelope): string {
  const isOk = status >= 200 && status < 300;
  const code = version === 1 ? (status === 200 ? 100 : status) : httpStatusOf(2, status);
  const meta = {
    status: isOk ? "ok" : "failure",
    statuscode: code,
    message: isOk ? "OK" : message,
    ...(version === 1 && { totalitems: "", itemsperpage: "" }),
  };
  const ocs = { ocs: { meta, data } };
  return format === "json" ? writeJson(ocs) : `<?xml version="1.0"?>\n${writeElements(ocs, "")}`;
}

/** As PHP's json_encode: slashes escaped, and angle brackets, so that no browser takes the text for a page. */
function writeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[/<>\u2028\u2029]/g,
    (character) =>
      ({ "/": "\\/", "<": "\\u003C", ">": "\\u003E", "\u2028": "\\u2028", "\u2029": "\\u2029" })[character]!,
  );
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // XML 1.0 has no way to write them (section 2.2).
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
      .replace(/[&<>"]/g, (character) => entities[character]!)
  );
}

/** PHP's XMLWriter with its indent of one blank: items of a list are `element`, true is 1, false is nothing. */
function writeElements(value: object, indent: string): string {
  const entries = Array.isArray(value) ? value.map((each) => ["element", each] as const) : Object.entries(value);
  let text = "";
  for (const [key, each] of entries) {
    if (each === undefined) continue;
    const name = /^\d/.test(key) ? "element" : key;
    if (each === null) text += `${indent}<${name}/>\n`;
    else if (typeof each === "object") {
      const inner = writeElements(each as object, `${indent} `);
      text += inner === "" ? `${indent}<${name}/>\n` : `${indent}<${name}>\n${inner}${indent}</${name}>\n`;
    } else {
      const shown = each === true ? "1" : each === false ? "" : String(each);
      text += `${indent}<${name}>${escapeXml(shown)}</${name}>\n`;
    }
  }
  return text;
}
