import { type Static, Type } from "typebox";

const time = Type.String({ format: "date-time" });
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);

/** What another server told about the mail of a domain. */
export const MailReportSummary = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal("dmarc"), Type.Literal("tls")]),
  domain: Type.String(),
  reporter: Type.String(),
  beginsAt: time,
  endsAt: time,
  /** Messages (dmarc) or sessions (tls). */
  total: Type.Integer(),
  /** Those that nothing vouched for (dmarc), or that failed (tls). */
  failed: Type.Integer(),
});

/** `GET /api/mail/reports?kind=dmarc&domain=commune.fr`: administrators, newest first; 403 `forbidden`. */
export const MailReports = Type.Object({ reports: Type.Array(MailReportSummary) });
export type MailReports = Static<typeof MailReports>;

/** `GET /api/mail/reports/:id`; 404 `not_found`. */
export const MailReportRows = Type.Object({
  rows: Type.Array(
    Type.Object({
      /** IP address of the server that sent. */
      source: maybe(Type.String()),
      count: Type.Integer(),
      result: Type.String(),
      detail: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});
export type MailReportRows = Static<typeof MailReportRows>;

/** `GET /api/mail/dkim-keys`: those of the domains of the administrator's organization; 403 `forbidden`. */
export const DkimKeys = Type.Object({
  keys: Type.Array(
    Type.Object({
      domain: Type.String(),
      selector: Type.String(),
      algorithm: Type.Union([Type.Literal("rsa"), Type.Literal("ed25519")]),
      state: Type.Union([
        Type.Literal("pending"),
        Type.Literal("active"),
        Type.Literal("retiring"),
        Type.Literal("retired"),
      ]),
      /** Name and text of the TXT record to publish. */
      recordName: Type.String(),
      recordText: Type.String(),
      createdAt: time,
      checkedAt: maybe(time),
      /** Of the last look in DNS. */
      checkResult: maybe(Type.String()),
    }),
  ),
});
export type DkimKeys = Static<typeof DkimKeys>;
