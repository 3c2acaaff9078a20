export interface OfficeFilter {
  /** By which the program must read the file: it guesses nothing, and opens no web page under another name. */
  readonly read: string;
  readonly write: "writer" | "calc" | "impress" | "draw";
  readonly extension: string;
  readonly isZip: boolean;
}

const ooxml = "application/vnd.openxmlformats-officedocument";
const odf = "application/vnd.oasis.opendocument";

/** LibreOffice's names of its filters, by media type. */
export const officeFilters: Readonly<Record<string, OfficeFilter>> = {
  "application/msword": { read: "MS Word 97", write: "writer", extension: "doc", isZip: false },
  "application/rtf": { read: "Rich Text Format", write: "writer", extension: "rtf", isZip: false },
  "application/vnd.ms-excel": { read: "MS Excel 97", write: "calc", extension: "xls", isZip: false },
  "application/vnd.ms-powerpoint": { read: "MS PowerPoint 97", write: "impress", extension: "ppt", isZip: false },
  [`${odf}.graphics`]: { read: "draw8", write: "draw", extension: "odg", isZip: true },
  [`${odf}.presentation`]: { read: "impress8", write: "impress", extension: "odp", isZip: true },
  [`${odf}.spreadsheet`]: { read: "calc8", write: "calc", extension: "ods", isZip: true },
  [`${odf}.text`]: { read: "writer8", write: "writer", extension: "odt", isZip: true },
  [`${ooxml}.presentationml.presentation`]: {
    read: "Impress MS PowerPoint 2007 XML",
    write: "impress",
    extension: "pptx",
    isZip: true,
  },
  [`${ooxml}.spreadsheetml.sheet`]: { read: "Calc MS Excel 2007 XML", write: "calc", extension: "xlsx", isZip: true },
  [`${ooxml}.wordprocessingml.document`]: { read: "MS Word 2007 XML", write: "writer", extension: "docx", isZip: true },
};

/**
 * Of the profile in which a document is opened: no macro runs, nothing that it links to is read (CVE-2024-6472 and its like), nothing is
 * asked of the network or of a person.
 */
export const officeProfile = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
${[
  ["Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"],
  ["Common/Security/Scripting", "DisableMacrosExecution", "true"],
  ["Common/Security/Scripting", "DisableActiveContent", "true"],
  ["Common/Security/Scripting", "MacroSecurityLevel", "3"],
  ["Common/Misc", "FirstRun", "false"],
  ["Writer/Content/Update", "Link", "0"],
  ["Calc/Content/Update", "Link", "2"],
]
  .map(
    ([path, name, value]) =>
      `<item oor:path="/org.openoffice.Office.${path}"><prop oor:name="${name}" oor:op="fuse"><value>${value}</value></prop></item>`,
  )
  .join("\n")}
</oor:items>
`;
