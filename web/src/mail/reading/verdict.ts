/**
 * Reads the Authentication-Results (RFC 8601) that the receiving server wrote: the first of the message, for those further
 * down may be anyone's. DMARC decides where it was evaluated; a failed SPF or DKIM alone is common in honest mail.
 */
export function readVerdict(headers: readonly string[]): "pass" | "fail" | "unknown" {
  let results = headers[0]?.toLowerCase() ?? "";
  for (let before = ""; before !== results; ) {
    before = results;
    results = results.replaceAll(/\([^()]*\)/g, " ");
  }
  const of = (method: string) => new RegExp(`(?:^|;)\\s*${method}\\s*=\\s*([a-z]+)`).exec(results)?.[1];
  const dmarc = of("dmarc");
  if (dmarc === "pass" || dmarc === "fail") return dmarc;
  return of("dkim") === "pass" || of("spf") === "pass" ? "pass" : "unknown";
}
