const numbered = [..."0123456789", "¹", "²", "³"];

const windows = {
  // Clients make a class of a regular expression of them as they stand: the backslash first, before what may be escaped.
  characters: ["\\", "/", "<", ">", ":", '"', "|", "?", "*"],
  basenames: ["con", "prn", "aux", "nul", ...numbered.map((n) => `com${n}`), ...numbered.map((n) => `lpt${n}`)],
  extensions: [" ", "."],
} as const;

/**
 * Which names clients should not give, as Nextcloud declares them when it is to get along with Windows. Whoever gives one all the same keeps
 * it: `windows_compatible_filenames` would have desktop clients rename what is on the disk.
 */
export function forbiddenNames(isDeclared: boolean): Readonly<Record<string, unknown>> {
  return {
    blacklisted_files: [],
    forbidden_filenames: [],
    forbidden_filename_basenames: isDeclared ? windows.basenames : [],
    forbidden_filename_characters: isDeclared ? windows.characters : ["/"],
    forbidden_filename_extensions: isDeclared ? windows.extensions : [],
    windows_compatible_filenames: false,
  };
}
