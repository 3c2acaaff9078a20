import type { Readable } from "node:stream";
import { DomainError } from "../../errors.ts";
import { rememberRoutes } from "../delivery/read-account-routes.ts";
import type { ResolvedRecipient } from "../delivery/resolve-recipient.ts";
import { authenticateMessage, startDnsBudget } from "./authenticate-message.ts";
import { checkDnsLists } from "./check-dns-lists.ts";
import { listsField } from "./extract-features.ts";
import { findClientName } from "./find-client-name.ts";
import { type Judgement, judgeScreening } from "./judge-screening.ts";
import { scanForViruses } from "./scan-for-viruses.ts";
import { noteOutage, noteRecovery } from "./scanner-outage.ts";
import type { RspamdFindings, Screening } from "./screening.ts";
import type { ScreeningDeps } from "./screening-deps.ts";
import { readScreeningRules, rememberRules, rulesAbout } from "./screening-rules.ts";

/** A message that a client of port 25 has given, before it is answered. */
export interface Candidate {
  /** Such as the queue id of the Received field. */
  readonly id: string;
  readonly remoteAddress: string;
  readonly helo: string;
  /** The name that the reverse DNS gives the client, if one is known. */
  readonly clientHostName?: string;
  /** The return path, '' for notifications. */
  readonly sender: string;
  readonly recipients: readonly ResolvedRecipient[];
  /** In bytes. */
  readonly size: number;
  /** All of them, where they are in memory. */
  readonly bytes?: Buffer | undefined;
  /** The bytes as they came; each call reads them anew. */
  open(range?: { start: number; end: number }): Readable;
}

/**
 * Authenticates a message and has it judged: SPF, DKIM, ARC, DMARC and DNS lists within one budget of DNS time, the lists and policies of
 * the recipients' organizations, the virus scanner, rspamd. It is refused only when it is refused for every recipient: what the
 * others make of it is `judgeForAccount`'s.
 * @returns the fields to put in front of it (CRLF-ended) and what was found
 * @throws DomainError `message_refused` (data.status, the text for the client, data.reason, data.screening), `unavailable`
 * (data.status): the scanner does not answer, or rspamd wants the message later
 */
export async function screenMessage(
  deps: ScreeningDeps,
  candidate: Candidate,
): Promise<{ headers: string; screening: Screening }> {
  const budget = startDnsBudget();
  const { remoteAddress, sender, recipients } = candidate;
  const organizationIds = [...new Set(recipients.map((each) => each.organizationId))];
  const [{ header, findings }, listHits, clientHostName] = await Promise.all([
    authenticateMessage(deps.resolver, candidate.bytes ?? candidate.open(), candidate, deps.hostName, budget),
    checkDnsLists(deps.resolver, budget, deps.dnsLists ?? [], remoteAddress),
    // Only rspamd asks for it.
    deps.spamFilter && (candidate.clientHostName ?? findClientName(deps.resolver, budget, remoteAddress)),
  ]).finally(() => budget.end());
  let screening: Screening = { authenticity: findings, remoteAddress, listHits };

  const accounts = accountsOf(recipients);
  const accountIds = accounts.flatMap((each) => each.accountId ?? []);
  // A scanner takes its time: what somebody changes meanwhile counts, so the delivery reads the routes itself.
  const isScanned = deps.virusScanner !== undefined || deps.spamFilter !== undefined;
  const named = isScanned ? [] : recipients.filter((each) => each.kind === "account");
  const found = await readScreeningRules(deps.store.read, organizationIds, accountIds, sender, screening, named);
  const { policies, rules } = found;
  const judgements = (): Judgement[] =>
    accounts.map(({ organizationId, accountId }) =>
      judgeScreening(
        screening,
        policies.get(organizationId)!,
        rulesAbout(rules, organizationId, accountId),
        deps.trustedSealers ?? [],
      ),
    );
  // Before the scanners: what is refused for its sender needs no work.
  refuseIfUnwanted(judgements(), screening);

  const scan = await scanForViruses(deps, { size: candidate.size, open: () => candidate.open() });
  if (scan.outcome === "unavailable") {
    throw new DomainError("unavailable", "Messages cannot be scanned now, try again later", {
      data: { status: "4.7.1", screening },
    });
  }
  if (scan.outcome === "infected") screening = { ...screening, virus: scan.virus };
  else {
    const rspamd = await askSpamFilter(deps, candidate, clientHostName);
    if (rspamd) screening = { ...screening, rspamd };
    const isAllowed = judgements().every((each) => each.folder === "inbox" && each.isFinal);
    if ((rspamd?.action === "greylist" || rspamd?.action === "soft reject") && !isAllowed) {
      throw new DomainError("unavailable", "Try again later", { data: { status: "4.7.1", screening } });
    }
  }
  refuseIfUnwanted(judgements(), screening);
  rememberRules(screening, found);
  if (!isScanned) rememberRoutes(screening, found.routes, new Set(named.map((each) => each.accountId)));
  return { headers: header + screeningFields(screening, scan.outcome), screening };
}

/** What a policy decides about: the account, or for mail that goes elsewhere only the organization. */
function accountsOf(recipients: readonly ResolvedRecipient[]): { organizationId: string; accountId?: string }[] {
  return recipients.flatMap((each) => {
    switch (each.kind) {
      case "account":
        return [{ organizationId: each.organizationId, accountId: each.accountId }];
      case "group":
        return [{ organizationId: each.organizationId }, ...each.accounts];
      default:
        return [{ organizationId: each.organizationId }];
    }
  });
}

function refuseIfUnwanted(judgements: readonly Judgement[], screening: Screening): void {
  const [first] = judgements;
  if (!first || judgements.some((each) => each.folder !== "refuse")) return;
  throw new DomainError("message_refused", first.text, {
    data: { status: "5.7.1", reason: first.reason, screening },
  });
}

async function askSpamFilter(
  deps: ScreeningDeps,
  candidate: Candidate,
  clientHostName: string | undefined,
): Promise<RspamdFindings | undefined> {
  if (!deps.spamFilter) return undefined;
  try {
    const findings = await deps.spamFilter.check({
      id: candidate.id,
      remoteAddress: candidate.remoteAddress,
      helo: candidate.helo,
      clientHostName,
      sender: candidate.sender,
      recipients: candidate.recipients.map((each) => each.address),
      size: candidate.size,
      open: () => candidate.open(),
    });
    await noteRecovery(deps.store, "antispam");
    deps.scans?.increase({ scanner: "antispam", outcome: findings.action.replaceAll(" ", "_") });
    return findings;
  } catch (error) {
    deps.scans?.increase({ scanner: "antispam", outcome: "unavailable" });
    if (await noteOutage(deps.store, "antispam", error instanceof Error ? error.message : String(error))) {
      deps.log?.warn({ error }, "rspamd does not answer: our own classifier decides");
    }
    return undefined;
  }
}

function screeningFields({ listHits, rspamd }: Screening, scan: string): string {
  const plain = (text: string) => text.replace(/[^\x21-\x7e ]+/g, "");
  const fields: string[] = [];
  if (listHits.length > 0) fields.push(`${listsField}: ${listHits.join(", ")}`);
  if (rspamd) {
    const isSpam = rspamd.action === "reject" || rspamd.action === "add header" || rspamd.action === "rewrite subject";
    fields.push(
      `X-Spam-Status: ${isSpam ? "Yes" : "No"}, score=${rspamd.score.toFixed(2)} required=${rspamd.requiredScore.toFixed(2)}`,
      ...(rspamd.symbols.length > 0
        ? [`X-Spam-Symbols: ${rspamd.symbols.slice(0, 40).map(plain).join(",\r\n\t")}`]
        : []),
    );
  }
  if (scan === "clean") fields.push("X-Virus-Scanned: clean");
  if (scan === "too_large") fields.push("X-Virus-Scanned: not scanned, too large");
  return fields.map((field) => `${field}\r\n`).join("");
}
