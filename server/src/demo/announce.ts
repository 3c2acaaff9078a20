import { commune } from "./people.ts";

export interface DemonstrationCredentials {
  readonly name: string;
  readonly jobTitle: string;
  readonly address: string;
  readonly password: string;
}

/** Prints the generated passwords: the only time that anyone can read them. */
export function announceDemonstration(people: readonly DemonstrationCredentials[]): void {
  const width = (key: "name" | "jobTitle" | "address") => Math.max(...people.map((person) => person[key].length));
  const lines = people.map(
    (person) =>
      `  ${person.name.padEnd(width("name"))}  ${person.jobTitle.padEnd(width("jobTitle"))}  ` +
      `${person.address.padEnd(width("address"))}  ${person.password}`,
  );
  console.log(
    [
      "",
      `La commune de démonstration « ${commune.name} » est créée. Notez ces mots de passe : ils ne seront plus affichés.`,
      "",
      ...lines,
      "",
    ].join("\n"),
  );
}

/** Says where to go. */
export function announceReady(
  origins: Readonly<Record<"portal" | "mail" | "drive", string>>,
  ports: Readonly<Partial<Record<string, number>>>,
): void {
  const port = (name: string) => ports[name] ?? "–";
  console.log(
    [
      "Bouquet est prêt.",
      "",
      `  Portail   ${origins.portal}`,
      `  Courriel  ${origins.mail}`,
      `  Fichiers  ${origins.drive}`,
      "",
      `  Lire      IMAP ${port("imaps")} (TLS), ${port("imap")} (STARTTLS) · POP3 ${port("pop3s")} (TLS), ${port("pop3")} (STARTTLS)`,
      `  Envoyer   ${port("submissions")} (TLS), ${port("submission")} (STARTTLS)`,
      `  Filtres   ManageSieve ${port("managesieve")} (STARTTLS)`,
      `  Recevoir  SMTP ${port("smtp")}`,
      "",
      "Ctrl+C pour arrêter.",
      "",
    ].join("\n"),
  );
}
