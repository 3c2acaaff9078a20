import { allRights, type Right } from "../../domain/access/account-access.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";
import { DomainError } from "../../domain/errors.ts";
import { findPerson } from "../../domain/identity/find-in-directory.ts";
import { findGrantee } from "../../domain/mail/delegation/find-grantee.ts";
import { type Grant, listGrants } from "../../domain/mail/delegation/list-grants.ts";
import { MailboxPaths } from "../../domain/mail/mailbox-paths.ts";
import { type Command, required, UsageError } from "../command.ts";

/** Rights in the words of the command. */
const words: Readonly<Record<string, Right>> = {
  lire: "read",
  écrire: "write",
  créer: "create",
  supprimer: "delete",
  "envoyer-comme": "send_as",
  "envoyer-pour": "send_on_behalf",
  partager: "share",
  gérer: "manage",
};

export const grantCommand: Command = {
  usage: [
    "grant list boite@commune.fr",
    `grant set boite@commune.fr qui@commune.fr ${Object.keys(words).join(",")} [--mailbox "Dossier/Sous-dossier"]`,
    "grant remove boite@commune.fr qui@commune.fr [--mailbox …]",
  ],
  what: "Liste, donne ou retire les droits d’une personne ou d’un groupe sur une boîte ou sur l’un de ses dossiers.",
  options: { mailbox: { type: "string" } },
  async run({ domain, print }, [verb, box, who, rights], options) {
    const owner = await findPerson(domain.store.read, required(box, "l’adresse de la boîte"));
    if (verb === "list") {
      const grants = await listGrants(domain.store.read, owner);
      if (grants.length === 0) print(`Personne d’autre n’a de droits sur ${owner.displayName}.`);
      const paths = await MailboxPaths.read(domain.store.read, owner);
      for (const grant of grants) print(describe(paths, grant));
      return;
    }
    if (verb !== "set" && verb !== "remove") throw new UsageError("« grant » est suivi de list, set ou remove.");
    const grantee = await findGrantee(domain.store.read, owner.organizationId, required(who, "à qui"));
    if (grantee.principalId === owner.principalId)
      throw new UsageError("Une boîte a déjà tous les droits sur elle-même.");
    const wanted = verb === "set" ? readRights(required(rights, "les droits")) : [];
    const path = typeof options.mailbox === "string" ? options.mailbox : undefined;
    if (path !== undefined && wanted.some((right) => right === "send_as" || right === "send_on_behalf")) {
      throw new UsageError("On envoie au nom d’une boîte entière, pas d’un dossier.");
    }
    const mailboxId = path === undefined ? null : (await MailboxPaths.read(domain.store.read, owner)).find(path);
    if (mailboxId === undefined) throw new DomainError("not_found", `Il n’y a pas de dossier « ${path} ».`);
    const target = { organizationId: owner.organizationId, accountId: owner.accountId, mailboxId };
    await domain.store.transact((tx) => grantAccount(tx, target, grantee, wanted));
    const where = path === undefined ? owner.displayName : `${owner.displayName}, dossier ${path}`;
    print(`${grantee.displayName} : ${wanted.length === 0 ? "plus aucun droit" : spell(wanted)} (${where})`);
  },
};

function readRights(text: string): Right[] {
  const given = text.split(",").map((word) => word.trim().normalize("NFC"));
  const plain = (word: string) => word.normalize("NFD").replace(/\p{M}/gu, "");
  return given.map((word) => {
    const known = Object.entries(words).find(([each, right]) => plain(each) === plain(word) || right === word);
    if (!known) throw new UsageError(`« ${word} » n’est pas un droit : ${Object.keys(words).join(", ")}.`);
    return known[1];
  });
}

function spell(rights: readonly Right[]): string {
  const named = new Map(Object.entries(words).map(([word, right]) => [right, word] as const));
  return allRights.flatMap((right) => (rights.includes(right) ? [named.get(right)!] : [])).join(", ");
}

function describe(paths: MailboxPaths, { displayName, identifier, kind, mailboxId, rights }: Grant): string {
  const place = mailboxId === null ? "" : ` – dossier ${paths.pathOf(mailboxId)}`;
  return `${displayName} <${identifier}>${kind === "group" ? " (groupe)" : ""} : ${spell(rights)}${place}`;
}
