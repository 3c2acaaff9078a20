import { plural } from "../language.ts";

export const fr = {
  title: "Partage",
  personalUntil: (date: string) => `Lien personnel, valable jusqu’${/^\d+:/.test(date) ? "à" : "au"} ${date}`,
  personal: "Lien personnel, sans date de fin",
  personOf: (person: string, organization: string) => `${person}, ${organization},`,
  shared: (who: string) => `${who} vous a partagé`,
  sharedSomething: (who: string) => `${who} vous a partagé des documents`,
  folderFacts: (count: number, size: string) =>
    `${plural("fr", count, "élément", "éléments")}, ${size}. Vous pouvez tout lire et télécharger.`,
  fileFacts: (size: string, modified: string) => `${size}, modifié ${modified}. Vous pouvez le lire et le télécharger.`,
  emptyFolder: "Ce dossier est vide",
  emptyFolderText: "Ce qui y sera déposé se trouvera ici.",
  downloadAll: "Tout télécharger",
  download: "Télécharger",
  downloadNamed: (name: string) => `Télécharger ${name}`,
  downloadFolder: "Télécharger ce dossier",
  opensInTab: "s’ouvre dans un nouvel onglet",
  content: (name: string) => `Contenu de ${name}`,
  name: "Nom",
  modified: "Modifié",
  size: "Taille",
  items: (count: number) => plural("fr", count, "élément", "éléments"),
  more: "Afficher la suite",
  folderGone: "Ce dossier n’est plus dans le partage.",
  backToTop: "Revenir au début du partage",

  lockedTitle: "Ce partage a un mot de passe",
  lockedText: "La personne qui vous a envoyé le lien vous l’a donné, ou vous le donnera.",
  password: "Mot de passe du partage",
  passwordMissing: "Tapez le mot de passe.",
  unlock: "Ouvrir",
  cookiesRefused: "Votre navigateur refuse les cookies de cette page : permettez-les pour que le partage reste ouvert.",
  wrong: "Ce mot de passe n’est pas le bon.",
  attemptsLeft: (count: number) =>
    count === 0
      ? "Au prochain échec, il faudra patienter."
      : `Il vous reste ${plural("fr", count, "essai", "essais")}.`,
  throttled: (minutes: number) => `Trop d’essais. Patientez ${plural("fr", minutes, "minute", "minutes")}.`,

  expiredTitle: "Ce lien a expiré",
  expiredText: "Il avait une date de fin. Demandez-en un nouveau à la personne qui vous l’a envoyé.",
  revokedTitle: "Ce partage est terminé",
  revokedText:
    "La personne qui vous a envoyé ce lien l’a fermé. Écrivez-lui si vous avez encore besoin de ces documents.",
  removedTitle: "Ce document n’est plus là",
  removedText: "Il a été retiré ou rangé ailleurs. La personne qui vous a envoyé le lien peut vous en donner un autre.",
  unknownTitle: "Ce lien ne mène nulle part",
  unknownText:
    "Il est peut-être incomplet : copiez-le en entier depuis le message reçu. Sinon, demandez-le à nouveau à la personne qui vous l’a envoyé.",
  busyTitle: "Patientez un peu",
  busyText: (minutes: number) =>
    `Trop de liens inconnus ont été essayés depuis votre réseau. Réessayez dans ${plural("fr", minutes, "minute", "minutes")}.`,
  downTitle: "Le partage ne s’ouvre pas",
  downText: "Les documents sont en sécurité. Réessayez dans un instant.",
  offlineTitle: "Vous êtes hors connexion",
  offlineText: "Le partage s’ouvrira quand le réseau sera revenu.",

  providedBy: (name: string) => `Service fourni par ${name}`,
  report: "Vous ne connaissez pas cette personne ? Signalez ce lien",
  reportTitle: "Signaler ce lien",
  reportText:
    "N’ouvrez rien. Dites à l’assistance qui vous a envoyé ce lien et donnez-lui l’adresse de cette page : elle peut le fermer.",
  language: "Langue",
};
