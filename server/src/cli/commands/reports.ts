import { findOrganizationOf } from "../../domain/identity/find-organization-of.ts";
import { listReports, readReportRows } from "../../domain/mail/reports/list-reports.ts";
import { type Command, required } from "../command.ts";

export const reportsCommand: Command = {
  usage: ["reports commune.fr [--id rapport]"],
  what: "Montre ce que les autres serveurs rapportent du courrier d’un domaine (DMARC, TLS).",
  options: { id: { type: "string" } },
  async run({ domain, print }, [name], options) {
    const wanted = required(name, "le domaine");
    const organizationId = await findOrganizationOf(domain.store.read, wanted);
    if (typeof options.id === "string") {
      for (const row of await readReportRows(domain.store.read, organizationId, options.id)) {
        print(`${row.count}  ${row.source ?? "-"}  ${row.result}  ${JSON.stringify(row.detail)}`);
      }
      return;
    }
    const reports = await listReports(domain.store.read, organizationId, { domain: wanted });
    if (reports.length === 0) return print("Aucun rapport.");
    for (const report of reports) {
      print(
        `${report.id}  ${report.kind}  ${report.endsAt.toISOString().slice(0, 10)}  ${report.reporter}  ` +
          `total ${report.total}  en échec ${report.failed}`,
      );
    }
  },
};
