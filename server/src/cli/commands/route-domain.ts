import { findOrganization } from "../../domain/identity/find-in-directory.ts";
import { setCatchAll, setDomainAlias } from "../../domain/identity/route-domain.ts";
import { type Command, required, UsageError } from "../command.ts";

export const routeDomainCommand: Command = {
  usage: ["route-domain commune.fr [--alias-of autre-domaine.fr | --no-alias] [--catch-all adresse | --no-catch-all]"],
  what: "Fait d’un domaine un autre nom d’un domaine de la même collectivité, ou dit qui reçoit ce qui n’a pas de destinataire.",
  options: {
    "alias-of": { type: "string" },
    "no-alias": { type: "boolean" },
    "catch-all": { type: "string" },
    "no-catch-all": { type: "boolean" },
  },
  async run({ domain, print }, [name], options) {
    const text = required(name, "le domaine");
    const organization = await findOrganization(domain.store.read, text);
    const alias = choice(options["alias-of"], options["no-alias"], "--alias-of");
    const catchAll = choice(options["catch-all"], options["no-catch-all"], "--catch-all");
    if (alias === undefined && catchAll === undefined) throw new UsageError("Il n’y a rien à changer.");
    await domain.store.transact(async (tx) => {
      if (alias !== undefined) await setDomainAlias(tx, organization.id, text, alias);
      if (catchAll !== undefined) await setCatchAll(tx, organization.id, text, catchAll);
    });
    if (alias !== undefined)
      print(alias === null ? `${text} n’est plus un autre nom.` : `${text} est un autre nom de ${alias}.`);
    if (catchAll !== undefined) {
      print(
        catchAll === null
          ? `Ce qui n’a pas de destinataire à ${text} est refusé.`
          : `Ce qui n’a pas de destinataire à ${text} va à ${catchAll}.`,
      );
    }
  },
};

/** @returns null to take it away, undefined to leave it */
function choice(value: unknown, isOff: unknown, name: string): string | null | undefined {
  if (value !== undefined && isOff === true) throw new UsageError(`${name} contredit son contraire.`);
  return typeof value === "string" ? value : isOff === true ? null : undefined;
}
