/** Documents whose words can be found. */
export type DocumentKind = "pdf" | "ooxml" | "odf" | "message" | "rtf";

const byType: Readonly<Record<string, DocumentKind>> = {
  "application/pdf": "pdf",
  "application/x-pdf": "pdf",
  "application/rtf": "rtf",
  "text/rtf": "rtf",
};

const byExtension: Readonly<Record<string, DocumentKind>> = {
  pdf: "pdf",
  rtf: "rtf",
  eml: "message",
  ...Object.fromEntries(
    ["docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pptx", "pptm", "ppsx", "potx"].map((each) => [each, "ooxml"]),
  ),
  ...Object.fromEntries(["odt", "ott", "ods", "ots", "odp", "otp", "odg"].map((each) => [each, "odf"])),
};

/**
 * What a part is worth opening as, by its declared type, else by the extension of its name: senders often write
 * `application/octet-stream`. Text parts and enclosed messages are no documents: their text is in the message's own.
 * @param type as declared, lowercase, such as `application/pdf`
 */
export function documentKind(type: string, name: string | null): DocumentKind | undefined {
  if (type.startsWith("application/vnd.openxmlformats-officedocument.")) return "ooxml";
  if (type.startsWith("application/vnd.ms-") && type.includes(".macroenabled")) return "ooxml";
  if (type.startsWith("application/vnd.oasis.opendocument.")) return "odf";
  const known = byType[type];
  if (known) return known;
  if (!type.startsWith("application/")) return undefined;
  const extension = /\.([a-z]{3,4})$/i.exec(name ?? "")?.[1]?.toLowerCase();
  return extension === undefined ? undefined : byExtension[extension];
}
