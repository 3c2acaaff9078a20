export type Depth = "0" | "1" | "infinity";

/** RFC 4918 section 10.2. @returns `fallback` when absent, undefined when malformed */
export function parseDepth(header: string | undefined, fallback: Depth): Depth | undefined {
  if (header === undefined) return fallback;
  const depth = header.trim().toLowerCase();
  return depth === "0" || depth === "1" || depth === "infinity" ? depth : undefined;
}

/** RFC 4918 section 10.6: true unless it says F. @returns undefined when malformed */
export function parseOverwrite(header: string | undefined): boolean | undefined {
  const value = header?.trim().toUpperCase() ?? "T";
  if (value === "T") return true;
  return value === "F" ? false : undefined;
}

/**
 * The path of a URI or an absolute path, as Destination (RFC 4918 section 10.3) and the tags of an If header write them, not decoded.
 * @returns undefined when malformed, or when the URI is of another host than `host`
 */
export function parseReference(text: string, host: string | undefined): string | undefined {
  if (text.startsWith("/") && !text.startsWith("//")) return withoutQuery(text);
  // Not by the URL class, which would resolve dots and escapes.
  const match = /^https?:\/\/([^/?#@]+)(\/[^?#]*)?/i.exec(text);
  if (!match) return undefined;
  if (withoutDefaultPort(match[1]!) !== withoutDefaultPort(host ?? "")) return undefined;
  return match[2] ?? "/";
}

function withoutQuery(path: string): string {
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}

function withoutDefaultPort(authority: string): string {
  return authority.toLowerCase().replace(/:(80|443)?$/, "");
}

/**
 * Timeout (RFC 4918 section 10.7): the first of its values that is understood.
 * @returns seconds, Infinity for Infinite, undefined when nothing is asked
 */
export function parseTimeout(header: string | undefined): number | undefined {
  for (const each of (header ?? "").split(",")) {
    const value = each.trim().toLowerCase();
    if (value === "infinite") return Number.POSITIVE_INFINITY;
    const seconds = /^second-(\d{1,10})$/.exec(value)?.[1];
    if (seconds !== undefined) return Number(seconds);
  }
  return undefined;
}

/** Lock-Token (RFC 4918 section 10.5). */
export function parseLockToken(header: string | undefined): string | undefined {
  return /^<([^<>\s]{1,500})>$/.exec(header?.trim() ?? "")?.[1];
}

export interface Preferences {
  /** `return` (RFC 7240 section 4.2, RFC 8144). */
  readonly return?: "minimal" | "representation";
  /** depth-noroot (RFC 8144 section 3). */
  readonly noRoot: boolean;
}

/** Prefer, and Brief: t of older clients. */
export function parsePreferences(prefer: string | undefined, brief: string | undefined): Preferences {
  const values = (prefer ?? "").split(",").map((each) => each.trim().toLowerCase());
  const isMinimal = values.includes("return=minimal") || values.includes("return-minimal") || brief?.trim() === "t";
  return {
    noRoot: values.includes("depth-noroot"),
    ...(isMinimal ? { return: "minimal" as const } : {}),
    ...(!isMinimal && values.includes("return=representation") ? { return: "representation" as const } : {}),
  };
}
