import { plural } from "../language.ts";

export const en = {
  title: "Messages to moderate",
  nav: "To moderate",
  waiting: (n: number) => plural("en", n, "message is waiting", "messages are waiting"),
  intro:
    "These messages wait for your approval before they reach the group. Without an answer they are returned to their author.",
  toGroup: (group: string) => `for ${group}`,
  returned: (when: string) => `Without an answer, returned to its author ${when}`,
  read: "Read",
  readOne: (subject: string) => `Read “${subject}”`,
  accept: "Accept",
  acceptOne: (subject: string) => `Accept “${subject}”`,
  refuse: "Refuse",
  refuseOne: (subject: string) => `Refuse “${subject}”`,
  accepted: (group: string) => `Message delivered to ${group}.`,
  refusedUntold: "Message refused. It was delivered to nobody.",
  dropped: (when: string) => `Without an answer, dropped ${when}`,
  refuseTextUntold: (group: string) =>
    `The message will not be delivered to ${group}. Nothing proves who wrote it: nobody will be told.`,
  refused: (author: string) => `Message refused. ${author} has been told.`,
  refuseTitle: (subject: string) => `Refuse “${subject}”?`,
  refuseText: (author: string, group: string) =>
    `The message will not be delivered to ${group}. ${author} will receive your explanation.`,
  reason: "Explanation for the author",
  reasonHint: "Optional. For example: please go through the secretary.",
  keepWaiting: "Leave it waiting",
  decidedMeanwhile: "Somebody else has already answered for this message.",
  failed: "Your answer could not be recorded. The message is still waiting.",
  loadFailed: "The list cannot be read at the moment.",
  bodyFailed: "This message cannot be shown at the moment.",
  download: "Download the whole message",
  emptyTitle: "Nothing to moderate",
  emptyText: "No message is waiting for your approval.",
  noSubject: "(no subject)",
};
