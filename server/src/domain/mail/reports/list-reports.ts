import { sql } from "kysely";
import type { Reader, Store } from "../../../store/database.ts";
import { isUuid } from "../../../store/uuid.ts";
import { DomainError } from "../../errors.ts";
import type { ReportKind } from "./report-address.ts";

export interface ReportFilter {
  kind?: ReportKind;
  domain?: string;
  /** Reports that end after it. */
  since?: Date;
  /** 200 by default, 1,000 at most. */
  limit?: number;
}

export interface ReportSummary {
  id: string;
  kind: ReportKind;
  domain: string;
  reporter: string;
  reportId: string;
  beginsAt: Date;
  endsAt: Date;
  /** Messages (DMARC) or sessions (TLS). */
  total: number;
  /** DMARC: those that neither DKIM nor SPF vouched for; TLS: those that failed. */
  failed: number;
}

export interface ReportRow {
  source: string | null;
  count: number;
  result: string;
  detail: Record<string, unknown>;
}

/** The reports about the mail of an organization, newest first. */
export async function listReports(
  reader: Reader,
  organizationId: string,
  filter: ReportFilter = {},
): Promise<ReportSummary[]> {
  const result = await sql<{
    id: string;
    kind: ReportKind;
    domain: string;
    reporter: string;
    report_id: string;
    begins_at: Date;
    ends_at: Date;
    total: number | null;
    failed: number | null;
  }>`
    SELECT r.id, r.kind, r.domain, r.reporter, r.report_id, r.begins_at, r.ends_at, c.total, c.failed
    FROM mail_report r LEFT JOIN LATERAL (
      SELECT sum(count)::bigint AS total, sum(count) FILTER (WHERE CASE r.kind
        WHEN 'dmarc' THEN detail ->> 'dkim' <> 'pass' AND detail ->> 'spf' <> 'pass' ELSE result <> 'success' END)::bigint AS failed
      FROM mail_report_row WHERE organization_id = r.organization_id AND report_id = r.id) c ON true
    WHERE r.organization_id = ${organizationId}
      ${filter.kind ? sql`AND r.kind = ${filter.kind}` : sql``}
      ${filter.domain ? sql`AND r.domain = ${filter.domain.toLowerCase()}` : sql``}
      ${filter.since ? sql`AND r.ends_at > ${filter.since}` : sql``}
    ORDER BY r.ends_at DESC, r.id DESC LIMIT ${Math.min(filter.limit ?? 200, 1_000)}`.execute(reader);
  return result.rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    domain: row.domain,
    reporter: row.reporter,
    reportId: row.report_id,
    beginsAt: row.begins_at,
    endsAt: row.ends_at,
    total: row.total ?? 0,
    failed: row.failed ?? 0,
  }));
}

/** The rows of one report, most messages first. @throws DomainError `not_found` */
export async function readReportRows(reader: Reader, organizationId: string, id: string): Promise<ReportRow[]> {
  const report =
    isUuid(id) &&
    (await reader
      .selectFrom("mail_report")
      .select("id")
      .where("organization_id", "=", organizationId)
      .where("id", "=", id)
      .executeTakeFirst());
  if (!report) throw new DomainError("not_found", "There is no such report");
  const rows = await reader
    .selectFrom("mail_report_row")
    .select(["source", "count", "result", "detail"])
    .where("organization_id", "=", organizationId)
    .where("report_id", "=", id)
    .orderBy("count", "desc")
    .orderBy("position")
    .execute();
  return rows.map((row) => ({ ...row, detail: row.detail as Record<string, unknown> }));
}

/** Reports tell of past mail: a year of them is enough to see what changes. @returns how many */
export async function purgeReports(store: Store, before: Date): Promise<number> {
  const result = await store.transact((tx) =>
    tx.deleteFrom("mail_report").where("ends_at", "<", before).executeTakeFirst(),
  );
  return Number(result.numDeletedRows);
}
