import type { Screening } from "./screening.ts";
import type { ScreeningPolicy } from "./screening-policy.ts";
import type { MatchingRule } from "./sender-rules.ts";

export interface Judgement {
  readonly folder: "inbox" | "junk" | "quarantine" | "refuse";
  readonly reason: "virus" | "spam" | "policy" | "sender" | "none";
  /** For the sender's server and the trace; in English, one line. */
  readonly text: string;
  /** Whether our own classifier has nothing more to say. */
  readonly isFinal: boolean;
}

/** Of what no other server sent, or a person let through. */
export const unjudged: Judgement = { folder: "inbox", reason: "none", text: "", isFinal: true };

/**
 * What an organization's policy, the allow and block lists and the scanners make of a message for one account. In this order, the
 * first that decides: a virus, the organization's block list, DMARC (RFC 9989) unless a trusted ARC chain makes it good
 * (RFC 8617 section 7.2.1), the account's block list, the allow lists, DNS lists, rspamd.
 * @param rules those that apply to this message, of this organization and this account
 * @param serverSealers the sealers that the server trusts for everyone
 */
export function judgeScreening(
  screening: Screening,
  policy: ScreeningPolicy,
  rules: readonly MatchingRule[],
  serverSealers: readonly string[],
): Judgement {
  const { authenticity, virus, rspamd, listHits } = screening;
  if (virus !== undefined) {
    return decided(policy.virus, "virus", `The message holds malicious software (${virus})`);
  }
  const blocked = rules.filter((rule) => rule.kind === "block");
  if (blocked.some((rule) => rule.accountId === null)) {
    return decided("refuse", "sender", "Mail from this sender is not wanted here");
  }
  const dmarc = dmarcAction(screening, policy, serverSealers);
  if (dmarc !== "ignore") {
    return decided(
      dmarc,
      "policy",
      `The message fails the DMARC policy (p=${authenticity.dmarcPolicy}) of ${authenticity.fromDomain}`,
    );
  }
  if (authenticity.dmarc === "permerror" && policy.dmarcQuarantine !== "ignore") {
    return decided(policy.dmarcQuarantine, "policy", "The message has several authors of different domains (RFC 9989)");
  }
  if (blocked.length > 0) return decided("junk", "sender", "The recipient has blocked this sender");
  if (rules.some((rule) => rule.kind === "allow")) return decided("inbox", "sender", "The sender is on an allow list");
  if (listHits.length > 0 && policy.dnsList !== "ignore") {
    return decided(policy.dnsList, "spam", `The address ${screening.remoteAddress} is listed by ${listHits[0]}`);
  }
  switch (rspamd?.action) {
    case "reject":
      return decided(policy.rspamdReject, "spam", "The message looks like spam");
    case "add header":
    case "rewrite subject":
      return decided("junk", "spam", "The message looks like spam");
    default:
      return { folder: "inbox", reason: "none", text: "", isFinal: false };
  }
}

function decided(folder: Judgement["folder"], reason: Judgement["reason"], text: string): Judgement {
  // Names of viruses and domains are in it, and it goes into a reply line.
  return { folder, reason, text: text.replace(/[^\x20-\x7e]+/g, "?").slice(0, 400), isFinal: true };
}

function dmarcAction(
  { authenticity }: Screening,
  policy: ScreeningPolicy,
  serverSealers: readonly string[],
): ScreeningPolicy["dmarcReject"] {
  if (authenticity.dmarc !== "fail") return "ignore";
  const action =
    authenticity.dmarcPolicy === "reject"
      ? policy.dmarcReject
      : authenticity.dmarcPolicy === "quarantine"
        ? policy.dmarcQuarantine
        : "ignore";
  if (action === "ignore" || !policy.arcOverrides || authenticity.arc !== "pass") return action;
  return isMadeGood(authenticity.arcSeals, [...serverSealers, ...policy.trustedSealers]) ? "ignore" : action;
}

/**
 * From the newest seal backwards as long as the sealers are trusted: one that saw the author's domain authenticated is believed. What
 * stands before an untrusted seal may be its invention.
 */
function isMadeGood(seals: Screening["authenticity"]["arcSeals"], trusted: readonly string[]): boolean {
  for (const { domain, passed } of seals) {
    if (!trusted.some((each) => domain === each || domain.endsWith(`.${each}`))) return false;
    if (passed) return true;
  }
  return false;
}
