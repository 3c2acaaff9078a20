import { findOrganization } from "../../domain/identity/find-in-directory.ts";
import { deleteQuarantined, listQuarantine, type QuarantineScope } from "../../domain/mail/screening/quarantine.ts";
import { releaseQuarantined } from "../../domain/mail/screening/release-quarantined.ts";
import { type Command, required, UsageError } from "../command.ts";

export const quarantineCommand: Command = {
  usage: ["quarantine --organization commune.fr", "quarantine release|delete identifiant --organization commune.fr"],
  what: "Montre les messages mis en quarantaine d’une collectivité, les remet ou les supprime.",
  options: { organization: { type: "string" } },
  async run({ domain, print }, [action, id], options) {
    const organization = await findOrganization(domain.store.read, required(options.organization, "--organization"));
    const scope: QuarantineScope = {
      organizationId: organization.id,
      accountId: null,
      mayReleaseViruses: true,
      decidedBy: null,
    };
    switch (action) {
      case undefined: {
        const messages = await listQuarantine(domain.store.read, scope, { limit: 500 });
        if (messages.length === 0) return print("La quarantaine est vide.");
        for (const each of messages) {
          const to = each.accounts.map((account) => account.address ?? account.name).join(", ");
          print(
            `${each.id}  ${each.receivedAt.toISOString()}  ${each.sender} → ${to}  ${each.subject}  (${each.detail})`,
          );
        }
        return;
      }
      case "release": {
        const accounts = await releaseQuarantined(domain.mail, scope, required(id, "l’identifiant"));
        return print(`Boîtes qui l’ont reçu : ${accounts.length}`);
      }
      case "delete":
        await deleteQuarantined(domain, scope, required(id, "l’identifiant"));
        return print("Supprimé.");
      default:
        throw new UsageError("L’action est release ou delete.");
    }
  },
};
