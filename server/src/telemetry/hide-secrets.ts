const secretNames = new Set([
  "password",
  "passwd",
  "pass",
  "apppassword",
  "newpassword",
  "oldpassword",
  "currentpassword",
  "secret",
  "clientsecret",
  "token",
  "accesstoken",
  "refreshtoken",
  "idtoken",
  "csrftoken",
  "authorization",
  "proxyauthorization",
  "cookie",
  "setcookie",
  "connectionstring",
  "privatekey",
]);

/** Deeper than any line that we write; whatever stands below is not written, since it was not looked at. */
const deepest = 6;

const verdicts = new Map<string, boolean>();

/** Names are compared without case, `-` and `_`: `Set-Cookie`, `refresh_token` and `refreshToken` are secrets alike. */
function isSecretName(name: string): boolean {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const verdict = secretNames.has(name.toLowerCase().replace(/[-_]/g, ""));
  // Names may come from outside (a JSON body), so that the memory of them must not grow for ever.
  if (verdicts.size > 2_000) verdicts.clear();
  verdicts.set(name, verdict);
  return verdict;
}

/** The details of a log line with the values of secret names replaced; the object given is not changed. */
export function hideSecrets(details: Record<string, unknown>): Record<string, unknown> {
  return hideIn(details, 0) as Record<string, unknown>;
}

function hideIn(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null || isWrittenOtherwise(value)) return value;
  if (depth >= deepest) return "[too deep]";
  if (Array.isArray(value)) {
    const copied = value.map((item) => hideIn(item, depth + 1));
    return copied.some((item, index) => item !== value[index]) ? copied : value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const name in value) {
    const before = (value as Record<string, unknown>)[name];
    const after =
      isSecretName(name) && before !== undefined && before !== null ? "[redacted]" : hideIn(before, depth + 1);
    if (after === before) continue;
    copy ??= { ...value };
    copy[name] = after;
  }
  return copy ?? value;
}

/** Errors have their own serializer; the others choose what they show. */
function isWrittenOtherwise(value: object): boolean {
  return (
    value instanceof Error || typeof (value as { toJSON?: unknown }).toJSON === "function" || ArrayBuffer.isView(value)
  );
}
