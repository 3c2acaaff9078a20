import { longDate } from "../long-date.ts";

export interface SharedLink {
  address: string;
  name: string;
  kind: "folder" | "file";
  maker: string;
  organization: string;
  timeZone: string;
  note: string | null;
  hasPassword: boolean;
  expiresAt: Date | null;
  /** It shows nothing, and receives files. */
  isRequest: boolean;
}

/** The mail that brings a link to whom it was made for. */
export function linkMail(link: SharedLink): { subject: string; text: string } {
  const { maker, organization, name, isRequest } = link;
  const thing = link.kind === "folder" ? "le dossier" : "le fichier";
  const what = isRequest
    ? `${maker} (${organization}) vous demande de déposer des fichiers dans « ${name} ».`
    : `${maker} (${organization}) vous partage ${thing} « ${name} ».`;
  return {
    subject: isRequest ? `${maker} vous demande des fichiers : ${name}` : `${maker} vous partage « ${name} »`,
    text: paragraphs([
      "Bonjour,",
      what,
      link.note && `Son message :\n${quote(link.note)}`,
      `${isRequest ? "Pour les déposer" : "Pour ouvrir ce partage"} :\n${link.address}`,
      link.hasPassword && `Un mot de passe vous sera demandé : ${maker} vous le donnera autrement que par ce message.`,
      link.expiresAt && `Ce lien fonctionne jusqu’au ${longDate(link.expiresAt, link.timeZone)}.`,
      "Ce lien est personnel : quiconque le possède peut l’ouvrir. Si vous ne connaissez pas cette personne, ne l’ouvrez pas.",
    ]),
  };
}

/** The mail that tells the maker of a link that it ends soon. */
export function endingMail(link: SharedLink & { label: string | null; page: string }): {
  subject: string;
  text: string;
} {
  const end = link.expiresAt ? longDate(link.expiresAt, link.timeZone) : "";
  const forWhom = link.label === null ? "" : ` (« ${link.label} »)`;
  return {
    subject: `Un lien se termine bientôt : ${link.name}`,
    text: paragraphs([
      "Bonjour,",
      `Votre lien vers « ${link.name} »${forWhom} se terminera le ${end}.`,
      `Pour lui donner plus de temps, ouvrez « Partagés » dans vos fichiers :\n${link.page}`,
      "S’il n’est plus utile, vous n’avez rien à faire.",
    ]),
  };
}

function paragraphs(texts: readonly (string | null | false)[]): string {
  return `${texts.filter(Boolean).join("\n\n")}\n`;
}

function quote(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => `> ${line}`)
    .join("\n");
}
