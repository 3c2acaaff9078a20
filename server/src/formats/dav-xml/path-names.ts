/**
 * The names of a URL path, decoded once. A name that decodes to a slash, to a dot segment, to a control character or to what is
 * no UTF-8 names nothing of ours.
 * @returns undefined for such a path
 */
export function readPathNames(path: string): string[] | undefined {
  const names: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "") continue; // a slash at an end, or doubled
    const name = decodeName(segment);
    if (name === undefined) return undefined;
    names.push(name);
  }
  return names;
}

function decodeName(segment: string): string | undefined {
  let name: string;
  try {
    // Refuses escapes that are no UTF-8, the overlong ones too.
    name = decodeURIComponent(segment);
  } catch {
    return undefined;
  }
  // Node gives the bytes of a request line as Latin-1: what was not escaped may be UTF-8.
  if (/[\x80-\xff]/.test(segment)) {
    const raw = decodeRaw(segment);
    if (raw === undefined) return undefined;
    name = raw;
  }
  return name === "." || name === ".." || /[/\x00-\x1f\x7f]/.test(name) ? undefined : name;
}

function decodeRaw(segment: string): string | undefined {
  if (/[^\x00-\xff]/.test(segment)) return undefined;
  try {
    const unescaped = segment.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(unescaped, "latin1"));
  } catch {
    return undefined;
  }
}

/** The names as an href, each after a slash; the characters that RFC 3986 calls unreserved stay. */
export function writePathNames(names: readonly string[]): string {
  return names.map((name) => `/${encodeName(name)}`).join("");
}

function encodeName(name: string): string {
  if (/^[\w.~-]*$/.test(name)) return name;
  return encodeURIComponent(name.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
