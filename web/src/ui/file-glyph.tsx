import "./marks.css";
import {
  Archive,
  File,
  FilePenLine,
  FileText,
  Film,
  Folder,
  Image,
  type LucideIcon,
  Presentation,
  Table2,
} from "lucide-react";
import { cx } from "./cx.ts";
import { type FileKind, kindOfFile } from "./file-kind.ts";
import { Icon } from "./icon.tsx";

const drawings: Record<FileKind, LucideIcon> = {
  dir: Folder,
  pdf: FileText,
  doc: FilePenLine,
  xls: Table2,
  pres: Presentation,
  img: Image,
  media: Film,
  archive: Archive,
  text: FileText,
  other: File,
};

interface Props {
  readonly mediaType?: string;
  readonly name?: string;
  /** When it is known without a media type: a folder. */
  readonly kind?: FileKind;
}

/** The 36 px tinted tile of a file. Decorative: the name stands beside it. */
export function FileGlyph({ mediaType = "", name, kind = kindOfFile(mediaType, name) }: Props) {
  return (
    <span className={cx("fg", kind)} aria-hidden="true">
      <Icon of={drawings[kind]} />
    </span>
  );
}
