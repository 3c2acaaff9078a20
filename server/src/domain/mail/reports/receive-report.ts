import type { MailReport } from "../../../formats/mail-report/mail-report.ts";
import type { Blobs } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { enqueue, type OutboxRow } from "../../../store/outbox/outbox.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import type { ReadReport } from "../../../workers/read-mail-report.ts";
import { type ReportKind, recognizeReportAddress } from "./report-address.ts";

export const reportTopic = "mail.report";

/** The kind of the reference that keeps the mail until its report is read. */
const reportReference = "mail_report";

interface ReportOrder {
  id: string;
  blobId: string;
  kind: ReportKind;
}

/**
 * Has a mail read that came to an address for reports, besides its delivery; nothing for any other address.
 * @param blobId of the organization, already inserted in this transaction
 */
export async function orderReport(
  tx: Transactor,
  blobs: Blobs,
  mail: { organizationId: string; recipient: string; blobId: string },
): Promise<void> {
  const found = recognizeReportAddress(mail.recipient);
  if (!found) return;
  const { organizationId, blobId } = mail;
  const payload: ReportOrder = { id: uuidv7(), blobId, kind: found.kind };
  await blobs.addReference(tx, organizationId, blobId, reportReference, payload.id);
  await enqueue(tx, { topic: reportTopic, organizationId, payload });
}

export interface ReportDeps {
  readonly blobs: Blobs;
  /** In a thread. @throws WorkerFailure */
  readonly readReport: (message: Buffer, kind: ReportKind) => Promise<ReadReport>;
  /** A mail that brings no report that can be read; it is with the administrators, as any mail. */
  readonly onProblem?: (organizationId: string, problem: string) => void;
}

/** A mail that brings a report is small; a larger one is not read. */
const largestMail = 20 * 1024 * 1024;

/** Outbox handler: reads a report and keeps its rows. The same report that comes twice, or of a domain held elsewhere, is ignored. */
export function reportHandler(deps: ReportDeps): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { organizationId, payload }) => {
    const { id, blobId, kind } = payload as ReportOrder;
    const bytes = await readMail(deps.blobs, tx, organizationId, blobId);
    const read = bytes ? await tryRead(deps, bytes, kind) : { problem: "The mail is too large, or lost" };
    if ("problem" in read) deps.onProblem?.(organizationId, read.problem);
    else for (const report of read.reports) await keepReport(tx, organizationId, report);
    await deps.blobs.removeReferences(tx, organizationId, reportReference, [id]);
  };
}

async function readMail(
  blobs: Blobs,
  tx: Transactor,
  organizationId: string,
  blobId: string,
): Promise<Buffer | undefined> {
  const source = await blobs.open(tx, organizationId, blobId);
  if (!source || source.size > largestMail) return undefined;
  return blobs.readAll(tx, organizationId, blobId, largestMail);
}

/** What breaks a thread would break the next one too. */
async function tryRead(deps: ReportDeps, bytes: Buffer, kind: ReportKind): Promise<ReadReport> {
  try {
    return await deps.readReport(bytes, kind);
  } catch (error) {
    const { reason } = error as { reason?: string };
    if (reason !== "timeout" && reason !== "crashed") throw error;
    return { problem: `The report cannot be read (${reason})` };
  }
}

async function keepReport(tx: Transactor, organizationId: string, report: MailReport): Promise<void> {
  const ours = await tx
    .selectFrom("domain")
    .select("name")
    .where("organization_id", "=", organizationId)
    .where("name", "in", [report.domain, report.domain.slice(report.domain.indexOf(".") + 1)])
    .executeTakeFirst();
  if (!ours) return;
  const kept = await tx
    .insertInto("mail_report")
    .values({
      organization_id: organizationId,
      id: uuidv7(),
      kind: report.kind,
      domain: report.domain,
      reporter: report.reporter,
      report_id: report.reportId,
      begins_at: report.beginsAt,
      ends_at: report.endsAt,
      policy: JSON.stringify(report.policy),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  if (!kept) return;
  const rows = report.rows.map((row, position) => ({
    organization_id: organizationId,
    report_id: kept.id,
    position,
    source: row.source ?? null,
    count: row.count,
    result: row.result,
    detail: JSON.stringify(row.detail),
  }));
  // PostgreSQL takes 65,535 parameters at most.
  for (let at = 0; at < rows.length; at += 1_000) {
    await tx
      .insertInto("mail_report_row")
      .values(rows.slice(at, at + 1_000))
      .execute();
  }
}
