import { composeNotice } from "../compose-notice.ts";
import { domainOf } from "../domain-of.ts";
import { longDate } from "../long-date.ts";

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
  /** How this server names itself. */
  hostName: string;
}

/** The mail that asks a moderator to let a message through. */
export function composeModerationRequest(request: ModerationRequest, now: Date): Buffer {
  const { groupName, groupAddress, author, preview, link } = request;
  const until = longDate(request.returnAt, request.timeZone);
  const title = request.subject === "" ? "(sans objet)" : request.subject;
  return composeNotice({
    to: request.to,
    domain: domainOf(groupAddress),
    subject: `À modérer : ${title}`,
    date: now,
    hostName: request.hostName,
    text: [
      `Un message attend votre décision avant d’être remis au groupe « ${groupName} » (${groupAddress}).`,
      `De : ${author}\nObjet : ${title}`,
      ...(preview === "" ? [] : [preview]),
      `Pour l’accepter ou le refuser :\n${link}`,
      `Ce lien est à vous : ne le transmettez pas. Sans réponse d’un modérateur, le message sera retourné à son auteur le ${until}.`,
      "",
    ].join("\n\n"),
  });
}
