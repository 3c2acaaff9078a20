import type { Parser } from "./parsers.ts";
import * as parse from "./parsers.ts";
import { required } from "./setting.ts";

const whoShares: Parser<"none" | "all" | readonly string[]> = {
  expected: "none, all, or a list of domains such as bourg.example,val.example",
  parse: (value) =>
    value === "none" || value === "all" ? value : parse.listOf(parse.hostName, "a list of domains", 2).parse(value),
};

/** How long files are kept, with whom they are shared, and what a device may do to them. */
export const drive = {
  BOUQUET_TRASH_DAYS: required(
    parse.wholeNumber(1, 3650),
    "30",
    "Days after which what is in the trash of a drive leaves it, and its quota. It stays recoverable for `BOUQUET_RECOVERY_DAYS` more.",
  ),
  BOUQUET_SHARING_ACROSS_ORGANIZATIONS: required(
    whoShares,
    "none",
    "With whom of other organizations people may share files: `none`, `all`, or the organizations that own one of these domains among " +
      "each other. Links for people outside are another matter.",
  ),
  BOUQUET_DECLARE_WINDOWS_NAMES: required(
    parse.yesOrNo,
    "yes",
    "Whether programs that synchronize files are told which names Windows cannot write (`a:b.txt`, `nul`, those that end with a dot). Recent " +
      "ones, on Linux and macOS too, then leave new files of such names where they are, or rename them, as with Nextcloud: whoever works on " +
      "Windows finds all files. With `no` they send them, and computers with Windows leave them out. The server takes and keeps any name.",
  ),
  BOUQUET_BRAKE_FILES: required(
    parse.wholeNumber(1, 1_000_000_000),
    "200",
    "A device that deletes, renames or replaces more files of a space than this, and more than `BOUQUET_BRAKE_PERCENT` of them, within " +
      "`BOUQUET_BRAKE_MINUTES`, is paused: it may read, and writes again once somebody allows it.",
  ),
  BOUQUET_BRAKE_PERCENT: required(
    parse.wholeNumber(1, 100),
    "30",
    "See `BOUQUET_BRAKE_FILES`. At 100 no device is ever paused.",
  ),
  BOUQUET_BRAKE_MINUTES: required(parse.wholeNumber(1, 1440), "10", "See `BOUQUET_BRAKE_FILES`."),
  BOUQUET_VERSIONS_PERCENT: required(
    parse.wholeNumber(1, 10_000),
    "50",
    "What the old versions of the files of an organization, and what left its trashes, may take beside them: percent of the sum of its " +
      "quotas of files. Beyond it the oldest versions go first, those with a name last, and never one that was replaced less than " +
      "`BOUQUET_RECOVERY_DAYS` ago.",
  ),
} as const;

const program: Parser<string> = {
  expected: "the name of a program, its absolute path, or none",
  parse: (value) => (/^(?:\/[^\0]*|[\w.+-]+)$/.test(value) ? value : undefined),
};

/** How pictures of files are made. What is not installed is done without. */
export const previews = {
  BOUQUET_PREVIEWS_AT_ONCE: required(
    parse.wholeNumber(0, 64),
    "2",
    "Pictures of files that each copy of the program draws at once, each in processes of its own with up to 1.5 GiB of memory. 0: none.",
  ),
  BOUQUET_FFMPEG: required(
    program,
    "ffmpeg",
    "ffmpeg, for pictures of films, covers of music and images of older kinds (BMP, ICO, TGA, PCX, PSD, JPEG 2000): a name that is looked for in PATH, a path, or `none`.",
  ),
  BOUQUET_PDFTOPPM: required(program, "pdftoppm", "pdftoppm (Poppler), for pictures of PDFs and of office documents."),
  BOUQUET_SOFFICE: required(program, "soffice", "LibreOffice, for pictures of office documents."),
  BOUQUET_HEIF_CONVERT: required(
    program,
    "heif-convert",
    "heif-convert (libheif), for photographs of telephones (HEIC).",
  ),
} as const;
