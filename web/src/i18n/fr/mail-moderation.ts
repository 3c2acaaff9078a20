import { plural } from "../language.ts";

export const fr = {
  title: "Messages à modérer",
  nav: "À modérer",
  waiting: (n: number) => plural("fr", n, "message attend", "messages attendent"),
  intro:
    "Ces messages attendent votre accord avant d’être remis au groupe. Sans réponse, ils sont rendus à leur auteur.",
  toGroup: (group: string) => `pour ${group}`,
  returned: (when: string) => `Sans réponse, rendu à son auteur ${when}`,
  read: "Lire",
  readOne: (subject: string) => `Lire « ${subject} »`,
  accept: "Accepter",
  acceptOne: (subject: string) => `Accepter « ${subject} »`,
  refuse: "Refuser",
  refuseOne: (subject: string) => `Refuser « ${subject} »`,
  accepted: (group: string) => `Message remis à ${group}.`,
  refusedUntold: "Message refusé. Il n’a été remis à personne.",
  dropped: (when: string) => `Sans réponse, écarté ${when}`,
  refuseTextUntold: (group: string) =>
    `Le message ne sera pas remis à ${group}. Rien ne prouve qui l’a écrit : personne n’en sera averti.`,
  refused: (author: string) => `Message refusé. ${author} en est averti.`,
  refuseTitle: (subject: string) => `Refuser « ${subject} » ?`,
  refuseText: (author: string, group: string) =>
    `Le message ne sera pas remis à ${group}. ${author} recevra votre explication.`,
  reason: "Explication pour l’auteur",
  reasonHint: "Facultative. Par exemple : merci de passer par le secrétariat.",
  keepWaiting: "Laisser en attente",
  decidedMeanwhile: "Quelqu’un d’autre a déjà répondu pour ce message.",
  failed: "Votre réponse n’a pas pu être enregistrée. Le message attend toujours.",
  loadFailed: "La liste ne peut pas être lue pour le moment.",
  bodyFailed: "Ce message ne peut pas être affiché pour le moment.",
  download: "Télécharger le message entier",
  emptyTitle: "Rien à modérer",
  emptyText: "Aucun message n’attend votre accord.",
  noSubject: "(sans objet)",
};
