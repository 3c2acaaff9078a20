import { formatNumber, plural } from "../language.ts";

const files = (n: number) => plural("fr", n, "fichier", "fichiers");
const items = (n: number) => plural("fr", n, "élément", "éléments");
const of = (n: number, total: number) => `${files(n)} sur ${formatNumber("fr", total)}`;

export const fr = {
  files,

  goBack: "Revenir à une date",
  goBackShort: "Revenir à…",
  goBackTitle: (name: string) => `Revenir en arrière dans « ${name} »`,
  goBackIntro:
    "Tout ce que contient ce dossier redevient comme il était à ce moment. Rien n’est perdu : ce qui est venu depuis va à la corbeille, et vous pourrez revenir sur ce choix.",
  quick: "Moments proposés",
  anHourAgo: "Il y a une heure",
  todayMorning: "Ce matin à 8:00",
  yesterdayEvening: "Hier à 17:00",
  aWeekAgo: "Il y a une semaine",
  missing: "Indiquez un jour et une heure.",
  cancel: "Annuler",
  close: "Fermer",
  preview: "Voir ce qui changera",
  goBackThen: "Revenir à ce moment",
  chooseAgain: "Choisir un autre moment",
  asOf: (when: string) => `Ce qui changera pour revenir à l’état du ${when} :`,
  nothing: "Rien n’a changé depuis ce moment : tout est déjà comme il était.",
  done: "Tout est comme à ce moment.",

  kinds: {
    restored: "Reviennent de la corbeille",
    moved: "Retrouvent leur place ou leur nom",
    replaced: "Retrouvent leur contenu d’alors",
    trashed: "Vont à la corbeille",
    left: "Ne peuvent pas revenir",
  },
  count: (count: number, held: number) =>
    held === count || held === 0 ? items(count) : `${items(count)} (${files(held)})`,
  fromTo: (from: string, to: string) => `${from} → ${to}`,
  more: (n: number) => `et ${plural("fr", n, "autre", "autres")}`,
  reasons: {
    moved_away: "se trouve maintenant dans un autre espace",
    content_gone: "son contenu d’alors n’est plus gardé",
    gone: "n’est plus gardé",
    holds_this: "contient maintenant ce dossier",
  },

  pauses: "Appareils en pause",
  pausesNone: "Aucun appareil en pause",
  pausesNoneText:
    "Un appareil qui supprime, renomme ou remplace trop de fichiers d’un coup s’arrête ici, et attend votre avis.",
  bannerMine: (device: string) =>
    `« ${device} » est en pause : il voulait changer trop de fichiers d’un coup. Rien n’est perdu.`,
  bannerOther: (device: string, person: string) =>
    `« ${device} », de ${person}, est en pause : il voulait changer trop de fichiers d’un coup. Rien n’est perdu.`,
  bannerMany: (n: number) => `${plural("fr", n, "appareil est", "appareils sont")} en pause. Rien n’est perdu.`,
  decide: "Voir et décider",
  pauseMine: (device: string) => `Votre appareil « ${device} » est en pause`,
  pauseOther: (device: string, person: string) => `« ${device} », de ${person}, est en pause`,
  pauseText: (n: number, total: number, space: string) =>
    `Il a voulu supprimer, renommer ou remplacer ${of(n, total)} de « ${space} » en quelques minutes. Il peut encore lire, mais plus rien changer.`,
  mySpace: "Mes fichiers",
  did: "Ce qu’il a fait avant la pause",
  deleted: "Supprimés",
  renamed: "Renommés ou déplacés",
  replaced: "Remplacés",
  pausedSince: "En pause depuis",
  didNothing: "Rien : tout a été refusé.",
  ifMeant: "Si c’est voulu, autorisez-le : il continue, sans être arrêté pendant une heure.",
  ifNotMeant:
    "Sinon (programme malveillant, fausse manœuvre), revenez à avant : tout redevient comme il était juste avant ses changements.",
  rolledBack: (when: string) =>
    `L’espace a été remis comme il était avant, ${when}. L’appareil reste en pause : s’il est autorisé, il enverra ce qu’il n’avait pas encore envoyé.`,
  newStart:
    "Pour repartir de zéro sur cet ordinateur, retirez-y le compte, puis ajoutez-le de nouveau : il reprendra tout ce qui est ici.",
  allow: "Autoriser",
  allowTitle: (device: string) => `Autoriser « ${device} » ?`,
  allowText:
    "Il reprend là où il s’est arrêté, et rien ne l’arrête pendant une heure. Ce qu’il supprime va à la corbeille. Un ordinateur peut " +
    "attendre quelques heures avant de réessayer : « Forcer la synchronisation maintenant », dans le menu du dossier de son client " +
    "Nextcloud, le fait reprendre tout de suite.",
  allowed: "Appareil autorisé.",
  keepPaused: "Garder en pause",
  rollBack: "Revenir à avant",
  rollBackTitle: (space: string) => `Revenir à avant dans « ${space} »`,
  rollBackAsOf: (when: string) => `Ce qui changera pour revenir à l’état du ${when}, juste avant ses changements :`,
  cannotRollBack: "Seuls le propriétaire de l’espace et l’administrateur peuvent revenir à avant.",

  muchTitle: (n: number) => `Supprimer ${files(n)} ?`,
  muchText: (n: number, total: number) =>
    `C’est beaucoup : ${of(n, total)} de cet espace. Ils iront à la corbeille, d’où vous pourrez les récupérer.`,
  muchMoveTitle: (n: number) => `Déplacer ${items(n)} ?`,
  muchMoveText: (n: number, total: number) => `C’est beaucoup : ${of(n, total)} de cet espace changeront de place.`,
  muchReplaceTitle: (n: number) => `Remplacer ${files(n)} ?`,
  muchReplaceText: (n: number, total: number) =>
    `C’est beaucoup : ${of(n, total)} de cet espace auront un nouveau contenu. L’ancien se retrouve dans les versions de chacun.`,
  remove: "Supprimer",
  move: "Déplacer",
  replace: "Remplacer",
  keep: "Garder",

  versionName: "Nommer",
  versionNameOf: (date: string) => `Nommer la version ${date}`,
  versionNameTitle: "Nommer cette version",
  versionNameLabel: "Nom de la version",
  versionNameHint: "Une version qui a un nom n’est pas retirée avec le temps. Laissez vide pour ôter le nom.",
  save: "Enregistrer",
  versionNamed: "Nom de la version enregistré.",
  unscanned: "L’antivirus n’a pas regardé ce fichier : il est trop grand pour lui.",
  versionsShowAll: (n: number) => `Montrer ${plural("fr", n, "version intermédiaire", "versions intermédiaires")}`,
  versionsShowFewer: "Masquer les versions intermédiaires",

  inTrash: "À la corbeille",
  leftTrash: "Sortis de la corbeille",
  leftTrashText: (days: number) =>
    `Ce qui a été supprimé définitivement, par vous, par un programme ou avec le temps, se récupère encore pendant ${days} jours, et n’occupe pas votre espace.`,
  leftTrashEmpty: "Rien n’est sorti de la corbeille",
  leftTrashEmptyText: (days: number) => `Ce qui en sort se récupère encore ici pendant ${days} jours.`,
};
