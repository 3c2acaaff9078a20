/** What a notification says of one recipient. */
export interface NotifiedRecipient {
  address: string;
  /** RFC 3463. */
  status: string;
  /** What the other server said, one line. */
  reply: string;
}

export type NotificationKind = "failed" | "delayed" | "sent";

interface Explanation {
  reason: string;
  advice: string;
}

/** By enhanced status code without its class (RFC 3463 and its registry): exact first, then by subject. For a secretary. */
const explanations: Readonly<Record<string, Explanation>> = {
  "1.1": {
    reason: "cette adresse n’existe pas chez le destinataire",
    advice: "Vérifiez l’orthographe de l’adresse, puis renvoyez le message.",
  },
  "1.2": {
    reason: "la partie de l’adresse qui suit « @ » n’existe pas ou ne reçoit pas de courrier",
    advice: "Vérifiez l’orthographe de l’adresse, puis renvoyez le message.",
  },
  "1.3": {
    reason: "cette adresse n’est pas écrite correctement",
    advice: "Vérifiez l’orthographe de l’adresse, puis renvoyez le message.",
  },
  "1.6": {
    reason: "cette personne a changé d’adresse",
    advice: "Demandez-lui sa nouvelle adresse.",
  },
  "1.10": {
    reason: "la partie de l’adresse qui suit « @ » n’accepte aucun courrier",
    advice: "Vérifiez l’orthographe de l’adresse, ou demandez une autre adresse au destinataire.",
  },
  "2.0": { reason: "la boîte du destinataire ne reçoit pas de courrier", advice: "Joignez-le par un autre moyen." },
  "2.1": { reason: "la boîte du destinataire est désactivée", advice: "Joignez-le par un autre moyen." },
  "2.2": {
    reason: "la boîte du destinataire est pleine",
    advice: "Prévenez-le par un autre moyen, puis renvoyez le message quand il aura fait de la place.",
  },
  "2.3": {
    reason: "le message est trop volumineux pour la boîte du destinataire",
    advice: "Déposez les pièces jointes sur le drive et envoyez un lien de partage à la place.",
  },
  "3.4": {
    reason: "le message est trop volumineux pour le serveur du destinataire",
    advice: "Déposez les pièces jointes sur le drive et envoyez un lien de partage à la place.",
  },
  "4.1": { reason: "le serveur du destinataire ne répond pas", advice: "Réessayez plus tard ou joignez-le autrement." },
  "4.4": {
    reason: "le serveur du destinataire est introuvable",
    advice: "Vérifiez la partie de l’adresse qui suit « @ », puis renvoyez le message.",
  },
  "4.6": {
    reason: "le message tourne en rond entre plusieurs serveurs",
    advice: "Transmettez cet avis à votre administrateur.",
  },
  "4.7": {
    reason: "le serveur du destinataire n’a pas accepté le message dans le temps imparti",
    advice: "Réessayez plus tard ou joignez le destinataire par un autre moyen.",
  },
  "7.0": {
    reason: "le serveur du destinataire a refusé le message pour des raisons de sécurité",
    advice: "Joignez le destinataire par un autre moyen et transmettez cet avis à votre administrateur.",
  },
  "7.1": {
    reason:
      "le serveur du destinataire a refusé le message : il n’y est pas autorisé ou il le prend pour un indésirable",
    advice: "Joignez le destinataire par un autre moyen et transmettez cet avis à votre administrateur.",
  },
};

const bySubject: Readonly<Record<string, Explanation>> = {
  "1": explanations["1.1"]!,
  "2": explanations["2.0"]!,
  "3": {
    reason: "le serveur du destinataire est en difficulté",
    advice: "Réessayez plus tard ou joignez-le par un autre moyen.",
  },
  "4": explanations["4.1"]!,
  "6": {
    reason: "le serveur du destinataire n’accepte pas ce format de message",
    advice: "Renvoyez le message sans mise en forme ni pièce jointe particulière.",
  },
  "7": explanations["7.0"]!,
};

const unknown: Explanation = {
  reason: "le serveur du destinataire l’a refusé",
  advice: "Réessayez plus tard, joignez le destinataire autrement ou transmettez cet avis à votre administrateur.",
};

function explain(status: string): Explanation {
  const [, subject = "", detail = ""] = status.split(".");
  return explanations[`${subject}.${detail}`] ?? bySubject[subject] ?? unknown;
}

const titles: Readonly<Record<NotificationKind, string>> = {
  failed: "Message non remis",
  delayed: "Message en attente",
  sent: "Message transmis",
};

/** @param subject of the message it is about, decoded */
export function notificationSubject(kind: NotificationKind, subject: string): string {
  return subject === "" ? titles[kind] : `${titles[kind]} : ${subject}`;
}

export interface NotificationText {
  kind: NotificationKind;
  subject: string;
  sentAt: Date;
  timeZone: string;
  recipients: readonly NotifiedRecipient[];
  /** For `delayed`. */
  triesUntil: Date | undefined;
}

/** What a person reads first, in French: what happened, to whom, why, what to do. Technical details come last. */
export function notificationText(notification: NotificationText): string {
  const { kind, recipients, subject } = notification;
  const when = longDate(notification.sentAt, notification.timeZone);
  const message = subject === "" ? `Votre message du ${when}` : `Votre message « ${subject} » du ${when}`;
  const paragraphs: string[] = [];
  const several = recipients.length > 1;
  if (kind === "failed") {
    paragraphs.push(`${message} n’a pas pu être remis ${several ? "à ces destinataires" : "à ce destinataire"} :`);
    for (const { address, status } of recipients) {
      const { reason, advice } = explain(status);
      paragraphs.push(`  ${address}\n  Pourquoi : ${reason}.\n  Que faire : ${advice}`);
    }
    paragraphs.push(
      "Il ne sera plus renvoyé automatiquement. S’il avait d’autres destinataires, cet avis ne les concerne pas.",
    );
  } else if (kind === "delayed") {
    paragraphs.push(
      `${message} n’a pas encore pu être remis ${several ? "à ces destinataires" : "à ce destinataire"} :`,
    );
    for (const { address, status } of recipients) {
      paragraphs.push(`  ${address}\n  Pourquoi : ${explain(status).reason}.`);
    }
    const until = notification.triesUntil
      ? ` jusqu’au ${longDate(notification.triesUntil, notification.timeZone)}`
      : "";
    paragraphs.push(
      `Vous n’avez rien à faire : nous réessayons automatiquement${until}, et vous serez prévenu s’il ne peut pas être remis. ` +
        "Si c’est urgent, joignez le destinataire par un autre moyen.",
    );
  } else {
    paragraphs.push(`${message} a été transmis ${several ? "à ces destinataires" : "à ce destinataire"} :`);
    paragraphs.push(recipients.map(({ address }) => `  ${address}`).join("\n"));
    paragraphs.push("Leur serveur ne dira peut-être pas s’il a été lu.");
  }
  if (kind !== "sent") {
    paragraphs.push(
      [
        "Pour votre administrateur, réponse exacte :",
        ...recipients.map(({ address, status, reply }) => `  ${address} : ${status} ${reply}`),
      ].join("\n"),
    );
  }
  return `${paragraphs.join("\n\n")}\n`;
}

function longDate(date: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeStyle: "short", timeZone }).format(date);
}
