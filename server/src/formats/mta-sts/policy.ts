/** RFC 8461 section 3.2. */
export interface MtaStsPolicy {
  readonly mode: "enforce" | "testing" | "none";
  /** Host names, or `*.` and a domain for one label beneath it. Lower-case. */
  readonly mx: readonly string[];
  readonly maxAgeSeconds: number;
}

/** About a year (RFC 8461 section 3.2). */
const longestAge = 31_557_600;
const mostPatterns = 100;

const hostPattern = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads the policy of a domain. Fields that are not known are ignored, the first of one that may stand only once counts.
 * @returns undefined when it is no valid policy
 */
export function parsePolicy(text: string): MtaStsPolicy | undefined {
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const match = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line);
    if (!match) return undefined;
    const [, key = "", value = ""] = match;
    if (key === "mx") {
      const pattern = value.toLowerCase().replace(/\.$/, "");
      if (!hostPattern.test(pattern) || mx.length === mostPatterns) return undefined;
      mx.push(pattern);
    } else if (!fields.has(key)) {
      fields.set(key, value);
    }
  }
  const mode = fields.get("mode");
  const age = fields.get("max_age") ?? "";
  if (fields.get("version") !== "STSv1" || !/^\d{1,10}$/.test(age)) return undefined;
  if (mode !== "enforce" && mode !== "testing" && mode !== "none") return undefined;
  if (mode !== "none" && mx.length === 0) return undefined;
  return { mode, mx, maxAgeSeconds: Math.min(Number(age), longestAge) };
}

/** Lines end as the RFC's examples do; RFC 8461 section 3.2. */
export function writePolicy({ mode, mx, maxAgeSeconds }: MtaStsPolicy): string {
  const lines = ["version: STSv1", `mode: ${mode}`, ...mx.map((each) => `mx: ${each}`), `max_age: ${maxAgeSeconds}`];
  return `${lines.join("\r\n")}\r\n`;
}

/**
 * The id in the TXT records of `_mta-sts` (RFC 8461 section 3.1).
 * @param texts one string for each record
 * @returns undefined when there is none, or not exactly one that begins as such
 */
export function readPolicyId(texts: readonly string[]): string | undefined {
  const records = texts.filter((text) => /^v=STSv1[ \t]*;/.test(text));
  if (records.length !== 1) return undefined;
  for (const field of records[0]!.split(";")) {
    const match = /^[ \t]*id[ \t]*=[ \t]*([A-Za-z0-9]{1,32})[ \t]*$/.exec(field);
    if (match) return match[1];
  }
  return undefined;
}

/** Whether a policy names a host; `*.` stands for exactly one label (RFC 8461 section 4.1). */
export function matchesHost(policy: Pick<MtaStsPolicy, "mx">, host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return policy.mx.some((pattern) =>
    pattern.startsWith("*.")
      ? name.slice(name.indexOf(".") + 1) === pattern.slice(2) && name.includes(".")
      : name === pattern,
  );
}
