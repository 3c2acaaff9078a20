import { encodeHeaderText } from "../../../formats/delivery-status/encode-header-text.ts";
import { domainOf } from "../domain-of.ts";

export interface ModerationRequest {
  to: string;
  timeZone: string;
  groupName: string;
  groupAddress: string;
  author: string;
  subject: string;
  preview: string;
  returnAt: Date;
  link: string;
  /** Without angle brackets. */
  messageId: string;
}

/** The mail that asks a moderator to let a message through. */
export function composeModerationRequest(request: ModerationRequest, now: Date = new Date()): Buffer {
  const { groupName, groupAddress, author, subject, preview, link } = request;
  const domain = domainOf(groupAddress);
  const until = new Intl.DateTimeFormat("fr-FR", {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: request.timeZone,
  }).format(request.returnAt);
  const title = subject === "" ? "(sans objet)" : subject;
  const text = [
    `Un message attend votre décision avant d’être remis au groupe « ${groupName} » (${groupAddress}).`,
    `De : ${author}\nObjet : ${title}`,
    ...(preview === "" ? [] : [preview]),
    `Pour l’accepter ou le refuser :\n${link}`,
    `Ce lien est à vous : ne le transmettez pas. Sans réponse d’un modérateur, le message sera retourné à son auteur le ${until}.`,
    "",
  ].join("\n\n");
  const body = Buffer.from(text.replace(/\r?\n/g, "\r\n"), "utf8").toString("base64");
  return Buffer.from(
    [
      "Return-Path: <>",
      `From: ${encodeHeaderText("Service de messagerie")} <postmaster@${domain}>`,
      `To: <${request.to}>`,
      `Subject: ${encodeHeaderText(`À modérer : ${title}`)}`,
      `Date: ${now.toUTCString().replace(/GMT$/, "+0000")}`,
      `Message-ID: <${request.messageId}>`,
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "Content-Language: fr",
      "",
      ...(body.match(/.{1,76}/g) ?? []),
      "",
    ].join("\r\n"),
    "utf8",
  );
}
