/**
 * A Content-Disposition (RFC 6266): an ASCII name for old clients, and the true one as RFC 8187 writes it. Direction marks stay
 * in the true name only: whoever shows the ASCII one cannot be tricked about the extension.
 */
export function contentDisposition(kind: "attachment" | "inline", name: string): string {
  const ascii = name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\x20-\x7e]/gu, "_")
    // Browsers decode percent signs in the plain form; quotes and backslashes would need escapes that some misread.
    .replace(/[%"\\/]/g, "_");
  const extended = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const isPlain = ascii === name;
  return isPlain ? `${kind}; filename="${ascii}"` : `${kind}; filename="${ascii}"; filename*=UTF-8''${extended}`;
}
