import { longDate } from "../long-date.ts";
import { explainStatus } from "./explain-status.ts";

/** What a notification says of one recipient. */
export interface NotifiedRecipient {
  address: string;
  /** RFC 3463. */
  status: string;
  /** What the other server said, one line. */
  reply: string;
}

export type NotificationKind = "failed" | "delayed" | "sent";

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
      const { reason, advice } = explainStatus(status);
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
      paragraphs.push(`  ${address}\n  Pourquoi : ${explainStatus(status).reason}.`);
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
