/**
 * Where to go after sign-in, from `?return=`: a path of this origin, or `/` for anything that could lead elsewhere
 * (`//host`, `/\host`, a scheme, control characters that browsers drop) or back to sign-in.
 */
export function safeReturnPath(value: string | null): string {
  if (value === null || !/^\/(?![/\\])/.test(value)) return "/";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers strip them, so that "/\t/host" would be "//host"
  if (/[\u0000-\u001f\u007f\\]/.test(value)) return "/";
  if (/^\/sign-in(?:[/?#]|$)/.test(value)) return "/";
  return value;
}
