import { findPerson } from "../../domain/identity/find-in-directory.ts";
import { generatePassword, setPassword } from "../../domain/identity/set-password.ts";
import { type Command, required } from "../command.ts";

export const setPasswordCommand: Command = {
  usage: ["set-password prenom.nom@commune.fr"],
  what: "Donne un nouveau mot de passe à une personne et l’affiche ; ses sessions ouvertes se ferment.",
  async run({ domain, print }, [address]) {
    const person = await findPerson(domain.store.read, required(address, "l’adresse"));
    const password = generatePassword();
    await setPassword(domain.identity, person, password);
    print(`Nouveau mot de passe de ${person.displayName}, affiché cette seule fois : ${password}`);
  },
};
