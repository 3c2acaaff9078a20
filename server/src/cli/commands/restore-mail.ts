import { openAccountForRecovery } from "../../domain/access/open-account-for-recovery.ts";
import { findPerson } from "../../domain/identity/find-in-directory.ts";
import { loadViewer } from "../../domain/identity/load-viewer.ts";
import { restorePeriod } from "../../domain/mail/restore-period.ts";
import { summarizeDeleted } from "../../domain/mail/summarize-deleted.ts";
import { type Command, required, UsageError } from "../command.ts";

export const restoreMailCommand: Command = {
  usage: ["restore-mail prenom.nom@commune.fr [--since 2026-11-23T08:00 [--until 2026-11-23T12:00]]"],
  what: "Montre combien de messages supprimés peuvent revenir, jour par jour, ou fait revenir ceux d’une période.",
  options: { since: { type: "string" }, until: { type: "string" } },
  async run({ domain, print }, [address], options) {
    const { read } = domain.store;
    const person = await findPerson(read, required(address, "l’adresse"));
    if (options.since === undefined) {
      const days = await summarizeDeleted(read, person);
      if (days.length === 0) return print("Rien à faire revenir.");
      for (const each of days) print(`${each.day}  ${each.messages} messages  ${each.size} octets`);
      return;
    }
    const viewer = { ...(await loadViewer(read, person)), roles: new Set(["operator"] as const) };
    const access = await openAccountForRecovery(read, viewer, person.accountId);
    const since = moment(options.since, "--since");
    const until = options.until === undefined ? new Date() : moment(options.until, "--until");
    const { restored } = await restorePeriod(domain.mail, access, { since, until });
    print(`Messages revenus : ${restored}`);
  },
};

function moment(text: unknown, name: string): Date {
  const date = new Date(String(text));
  if (Number.isNaN(date.getTime())) throw new UsageError(`${name} doit être une date, comme 2026-11-23T08:00.`);
  return date;
}
