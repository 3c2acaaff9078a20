import { isIP } from "node:net";
import {
  clean,
  count,
  type MailReport,
  MailReportError,
  type MailReportRow,
  mostRows,
  reportDate,
} from "./mail-report.ts";

/**
 * Reads a report about SMTP over TLS (RFC 8460 section 4.4); a file with policies of several domains gives one report for each.
 * @param json at most `largestReport` bytes; holds the caller: for threads
 * @throws MailReportError
 */
export function parseTlsReport(json: string): MailReport[] {
  let root: Record<string, unknown>;
  try {
    root = asObject(JSON.parse(json));
  } catch (error) {
    throw new MailReportError("The JSON is malformed", { cause: error });
  }
  const range = asObject(root["date-range"]);
  const reporter = clean(root["organization-name"] ?? root["contact-info"]);
  const reportId = clean(root["report-id"]);
  const policies = asList(root.policies).map(asObject);
  if (reporter === "" || reportId === "" || policies.length === 0) {
    throw new MailReportError("The report does not say by whom, which or of what it is");
  }
  const byDomain = new Map<string, { policy: Record<string, string>; rows: MailReportRow[] }>();
  let rows = 0;
  for (const each of policies) {
    const policy = asObject(each.policy);
    const summary = asObject(each.summary);
    const domain = clean(policy["policy-domain"]).toLowerCase().replace(/\.$/, "");
    if (domain === "") throw new MailReportError("A policy has no domain");
    const type = clean(policy["policy-type"]);
    const entry = byDomain.get(domain) ?? { policy: {}, rows: [] };
    byDomain.set(domain, entry);
    entry.policy[type || "unknown"] = asList(policy["policy-string"])
      .map((line) => clean(line))
      .join("\n")
      .slice(0, 2_000);
    const successes = count(summary["total-successful-session-count"] ?? 0);
    entry.rows.push({ source: undefined, count: successes, result: "success", detail: { policyType: type } });
    for (const failure of asList(each["failure-details"]).map(asObject)) {
      if (++rows > mostRows) throw new MailReportError("The report has too many rows");
      const source = clean(failure["sending-mta-ip"]);
      entry.rows.push({
        source: isIP(source) === 0 ? undefined : source,
        count: count(failure["failed-session-count"] ?? 0),
        result: clean(failure["result-type"], 100) || "unknown",
        detail: {
          policyType: type,
          mx: clean(failure["receiving-mx-hostname"]),
          receivingIp: clean(failure["receiving-ip"]),
          reason: clean(failure["failure-reason-code"]),
        },
      });
    }
  }
  return [...byDomain].map(([domain, { policy, rows: found }]) => ({
    kind: "tls",
    domain,
    reporter,
    reportId,
    beginsAt: date(range["start-datetime"]),
    endsAt: date(range["end-datetime"]),
    policy,
    rows: found,
  }));
}

function asObject(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, mostRows + 1) : [];
}

function date(text: unknown): Date {
  return reportDate(new Date(clean(text)));
}
