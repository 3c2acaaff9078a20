import { findPerson } from "../../domain/identity/find-in-directory.ts";
import { readForward, setForward } from "../../domain/mail/delivery/set-forward.ts";
import { type Command, required, UsageError } from "../command.ts";

export const forwardCommand: Command = {
  usage: ["forward prenom.nom@commune.fr [--to adresse]… [--no-copy] [--off]"],
  what: "Fait suivre le courriel d’une personne ou d’une boîte partagée, en gardant une copie ou non ; montre où il va.",
  options: { to: { type: "string", multiple: true }, "no-copy": { type: "boolean" }, off: { type: "boolean" } },
  async run({ domain, print }, [address], options) {
    const person = await findPerson(domain.store.read, required(address, "l’adresse"));
    const addresses = Array.isArray(options.to) ? (options.to as string[]) : [];
    if (options.off === true && addresses.length > 0) throw new UsageError("--off et --to se contredisent.");
    if (options.off === true || addresses.length > 0) {
      const forward = options.off === true ? undefined : { addresses, keepsCopy: options["no-copy"] !== true };
      await domain.store.transact((tx) => setForward(tx, person, forward));
    } else if (options["no-copy"] === true) throw new UsageError("Il manque --to.");
    const forward = await readForward(domain.store.read, person);
    print(
      forward
        ? `${person.displayName} : vers ${forward.addresses.join(", ")}${forward.keepsCopy ? ", avec une copie ici" : ", sans copie ici"}`
        : `${person.displayName} : rien n’est renvoyé ailleurs.`,
    );
  },
};
