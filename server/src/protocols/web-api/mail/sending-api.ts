import { DkimKeys, MailReportRows, MailReports } from "@bouquet/contract/mail-sending.ts";
import { Type } from "typebox";
import { requireAdministrator } from "../../../domain/identity/require-administrator.ts";
import type { Viewer } from "../../../domain/identity/viewer.ts";
import type { MailDeps } from "../../../domain/mail/model.ts";
import { listReports, readReportRows } from "../../../domain/mail/reports/list-reports.ts";
import { dkimRecord, listDkimKeys } from "../../../domain/mail/submission/dkim-keys.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServicePlugin } from "../../shared/service-app.ts";

const Filter = Type.Object({
  kind: Type.Optional(Type.Union([Type.Literal("dmarc"), Type.Literal("tls")])),
  domain: Type.Optional(Type.String({ maxLength: 253 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
});

/** What administrators see of how the mail of their domains fares elsewhere: reports of others, and the keys that sign. */
export function sendingApi(deps: Pick<MailDeps, "store">): ServicePlugin {
  return async (app) => {
    app.get(
      "/api/mail/reports",
      { schema: { querystring: Filter, response: { 200: MailReports } } },
      async (request) => {
        const organizationId = administeredBy(requireViewer(request));
        const reports = await listReports(deps.store.read, organizationId, request.query);
        return {
          reports: reports.map(({ reportId: _reportId, beginsAt, endsAt, ...report }) => ({
            ...report,
            beginsAt: beginsAt.toISOString(),
            endsAt: endsAt.toISOString(),
          })),
        };
      },
    );

    app.get(
      "/api/mail/reports/:id",
      { schema: { params: Type.Object({ id: Type.String() }), response: { 200: MailReportRows } } },
      async (request) => {
        const organizationId = administeredBy(requireViewer(request));
        return { rows: await readReportRows(deps.store.read, organizationId, request.params.id) };
      },
    );

    app.get("/api/mail/dkim-keys", { schema: { response: { 200: DkimKeys } } }, async (request) => {
      const organizationId = administeredBy(requireViewer(request));
      const keys = await listDkimKeys(deps.store.read, { organizationId });
      return {
        keys: keys.map((key) => ({
          domain: key.domain,
          selector: key.selector,
          algorithm: key.algorithm,
          state: key.state,
          recordName: `${key.selector}._domainkey.${key.domain}.`,
          recordText: dkimRecord(key),
          createdAt: key.createdAt.toISOString(),
          checkedAt: key.checkedAt?.toISOString() ?? null,
          checkResult: key.checkResult ?? null,
        })),
      };
    });
  };
}

function administeredBy(viewer: Viewer): string {
  requireAdministrator(viewer);
  return viewer.organizationId;
}
