import { readFile } from "node:fs/promises";
import { findOrganization } from "../../domain/identity/find-in-directory.ts";
import { deleteGlobalScript, listGlobalScripts, putGlobalScript } from "../../domain/mail/filters/global-scripts.ts";
import { type Command, required, UsageError } from "../command.ts";

export const globalScriptCommand: Command = {
  usage: [
    "global-script commune.fr [show nom]",
    "global-script commune.fr put nom fichier.sieve",
    "global-script commune.fr remove nom",
  ],
  what: "Montre ou change les scripts Sieve communs d’une collectivité, que chacun peut reprendre par « include :global ».",
  async run({ domain, print }, [place, action, name, file]) {
    const organization = await findOrganization(domain.store.read, required(place, "la collectivité"));
    const editor = { organizationId: organization.id, roles: new Set(["operator"] as const) };
    const scripts = await listGlobalScripts(domain.store.read, organization.id);
    switch (action) {
      case undefined:
        if (scripts.length === 0) return print("Il n’y a pas de script commun.");
        for (const script of scripts) print(script.name);
        return;
      case "show": {
        const script = scripts.find((each) => each.name === name?.normalize("NFC"));
        if (!script) throw new UsageError("Il n’y a pas de script de ce nom.");
        return print(script.content);
      }
      case "put": {
        const content = await readFile(required(file, "le fichier"), "utf8");
        await putGlobalScript(domain, editor, { name: required(name, "le nom"), content });
        return print(`${name} : enregistré (${organization.name})`);
      }
      case "remove":
        await deleteGlobalScript(domain, editor, required(name, "le nom"));
        return print(`${name} : supprimé`);
      default:
        throw new UsageError("L’action est show, put ou remove.");
    }
  },
};
