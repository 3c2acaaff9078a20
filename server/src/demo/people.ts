import type { NewPrincipal } from "../domain/identity/create-principal.ts";

export const operator = {
  name: "Syndicat numérique des Trois Rivières",
  domain: "trois-rivieres.example",
  support: {
    // A number that ARCEP keeps for fiction.
    phone: "02 61 91 12 34",
    hours: "du lundi au vendredi, 8\u00a0h\u00a030 – 17\u00a0h\u00a030",
    email: "assistance@trois-rivieres.example",
    url: undefined,
  },
};
export const commune = { name: "Bourg-Fleuri", domain: "bourg-fleuri.example" };

export type DemoPerson = Pick<NewPrincipal, "displayName" | "givenName" | "familyName" | "jobTitle" | "roles"> & {
  readonly address: string;
};

function person(
  givenName: string,
  familyName: string,
  domain: string,
  jobTitle: string,
  roles: NewPrincipal["roles"] = [],
): DemoPerson {
  const plain = (text: string) =>
    text
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z]+/g, "-");
  return {
    displayName: `${givenName} ${familyName}`,
    givenName,
    familyName,
    jobTitle,
    roles,
    address: `${plain(givenName)}.${plain(familyName)}@${domain}`,
  };
}

export const agent = person("Camille", "Aubert", operator.domain, "Agent du service numérique", ["operator"]);

export const helene = person("Hélène", "Marchand", commune.domain, "Secrétaire générale", ["member_administrator"]);
export const marc = person("Marc", "Duval", commune.domain, "Maire");
export const nadia = person("Nadia", "Benali", commune.domain, "Accueil et état civil");
export const thierry = person("Thierry", "Hamel", commune.domain, "Services techniques");
export const sylvie = person("Sylvie", "Leroy", commune.domain, "Adjointe aux écoles");

export const townHall: readonly DemoPerson[] = [helene, marc, nadia, thierry, sylvie];

export const sharedMailbox = { displayName: "Mairie de Bourg-Fleuri", address: `mairie@${commune.domain}` };
export const meetingRoom = { displayName: "Salle du conseil", address: `salle-du-conseil@${commune.domain}` };
export const council = { displayName: "Conseil municipal", address: `conseil@${commune.domain}` };
