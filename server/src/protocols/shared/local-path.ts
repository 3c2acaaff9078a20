/**
 * A path of our own to go back to, or "/" for anything else: another origin in any spelling that a browser would follow
 * (`//host`, `/\host`, `/%09/host`), a path with control characters, or nothing.
 */
export function localPath(text: string | undefined): string {
  if (text === undefined || text.length > 2_000 || !/^\/[\x21-\x7e]*$/.test(text) || text.includes("\\")) return "/";
  const base = "http://bouquet.invalid";
  const url = URL.parse(text, base);
  if (!url || url.origin !== base || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search + url.hash;
}
