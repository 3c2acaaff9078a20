import { plural } from "../language.ts";

export const en = {
  title: "Recover messages",
  nav: "Recover",
  intro: (days: number) =>
    `What leaves the trash, and deleted folders, stay here for ${days} days. After that everything is erased.`,
  hint: "Deleted from the trash? Recoverable for 14 days.",
  toRecovery: "Recover deleted messages",
  search: "Search what was deleted",
  mailbox: "Mailbox",
  mine: "Mine",
  folders: "Deleted folders",
  today: "deleted today",
  yesterday: "deleted yesterday",
  onDay: (day: string) => `deleted on ${day}`,
  wasIn: (folder: string) => `was in ${folder}`,
  content: (n: number, size: string) => (n === 0 ? "empty" : `${plural("en", n, "message", "messages")}, ${size}`),
  deletedAt: (when: string) => `deleted ${when}`,
  restore: "Recover",
  restoreOne: (subject: string) => `Recover “${subject}”`,
  restoreFolder: (name: string) => `Recover the folder ${name}`,
  select: (subject: string) => `Select “${subject}”`,
  selectAll: "Select all",
  selected: (n: number) => plural("en", n, "message selected", "messages selected"),
  clear: "Clear the selection",
  restoredTo: (n: number, folder: string) => `${plural("en", n, "message is", "messages are")} back in ${folder}.`,
  restoredBack: (n: number) =>
    n > 1 ? `${n} messages are back in their folders.` : "The message is back in its folder.",
  restoredNone: "These messages had been recovered or erased already.",
  folderRestored: (name: string, n: number) =>
    n === 0
      ? `Folder “${name}” recovered.`
      : `Folder “${name}” recovered with ${plural("en", n, "message", "messages")}.`,
  noRoom: "The mailbox is full: nothing was recovered. Empty the trash, or select fewer messages.",
  notYours: "You may read this mailbox, but not put messages back into it.",
  failed: "The recovery did not succeed. Everything stayed as it was.",
  more: "Show older",
  moreFailed: "The rest could not be read.",
  loadFailed: "The list cannot be read at the moment.",
  emptyTitle: "Nothing to recover",
  emptyText: (days: number) => `Nothing was deleted for good in the last ${days} days.`,
  noneFoundTitle: "Nothing was found",
  noneFoundText: "Try another word: the subject, the sender or the beginning of the message.",
  noSubject: "(no subject)",
  unknownSender: "unknown sender",
  end: (days: number) => `This is all that was deleted in the last ${days} days.`,
};
