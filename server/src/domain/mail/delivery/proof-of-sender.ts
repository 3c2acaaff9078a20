import { domainOf } from "../domain-of.ts";
import type { IncomingMessage } from "./incoming-message.ts";

/** What is known of a return path: `disproved` when the domain says that this server may not send for it. */
export function proofOfSender({
  arrival,
  sender,
  screening,
  isSenderKnown,
}: Pick<IncomingMessage, "arrival" | "sender" | "screening" | "isSenderKnown">): "proved" | "unknown" | "disproved" {
  // Whoever let it through has judged what it says, not who wrote it.
  if (arrival === "released") return isSenderKnown ? "proved" : "unknown";
  if (arrival !== "received") return "proved";
  if (!screening || sender === "") return "unknown";
  const { spf, spfDomain, dkimDomains, dmarc, fromDomain } = screening.authenticity;
  const domain = domainOf(sender);
  if (spf === "pass" && (spfDomain === undefined || spfDomain === domain)) return "proved";
  if (dkimDomains.includes(domain) || (dmarc === "pass" && fromDomain === domain)) return "proved";
  return spf === "fail" || spf === "softfail" || dmarc === "fail" ? "disproved" : "unknown";
}
