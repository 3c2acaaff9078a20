import type { fr } from "../fr/sharing.ts";
import { plural } from "../language.ts";

export const en: typeof fr = {
  title: "Shared with you",
  personalUntil: (date: string) => `Personal link, valid until ${date}`,
  personal: "Personal link, no end date",
  personOf: (person: string, organization: string) => `${person}, ${organization},`,
  shared: (who: string) => `${who} shared with you`,
  sharedSomething: (who: string) => `${who} shared documents with you`,
  folderFacts: (count: number, size: string) =>
    `${plural("en", count, "item", "items")}, ${size}. You can read and download everything.`,
  fileFacts: (size: string, modified: string) => `${size}, modified ${modified}. You can read and download it.`,
  emptyFolder: "This folder is empty",
  emptyFolderText: "Whatever is put in it will be here.",
  downloadAll: "Download everything",
  download: "Download",
  downloadNamed: (name: string) => `Download ${name}`,
  downloadFolder: "Download this folder",
  opensInTab: "opens in a new tab",
  content: (name: string) => `Contents of ${name}`,
  name: "Name",
  modified: "Modified",
  size: "Size",
  items: (count: number) => plural("en", count, "item", "items"),
  more: "Show more",
  folderGone: "This folder is no longer shared.",
  backToTop: "Back to the start",

  lockedTitle: "A password protects this",
  lockedText: "The person who sent you the link gave it to you, or will.",
  password: "Password of the link",
  passwordMissing: "Type the password.",
  unlock: "Open",
  cookiesRefused: "Your browser refuses the cookies of this page: allow them so that it stays open.",
  wrong: "This is not the right password.",
  attemptsLeft: (count: number) =>
    count === 0
      ? "After the next mistake you will have to wait."
      : `You have ${plural("en", count, "try", "tries")} left.`,
  throttled: (minutes: number) => `Too many tries. Wait ${plural("en", minutes, "minute", "minutes")}.`,

  expiredTitle: "This link has expired",
  expiredText: "It had an end date. Ask the person who sent it to you for a new one.",
  revokedTitle: "This link has been closed",
  revokedText: "The person who sent it to you closed it. Write to them if you still need these documents.",
  removedTitle: "This document is no longer here",
  removedText: "It was removed or moved elsewhere. The person who sent you the link can give you another one.",
  unknownTitle: "This link leads nowhere",
  unknownText:
    "It may be incomplete: copy the whole of it from the message you received. If that fails, ask the person who sent it to you.",
  busyTitle: "Please wait a little",
  busyText: (minutes: number) =>
    `Too many unknown links were tried from your network. Try again in ${plural("en", minutes, "minute", "minutes")}.`,
  downTitle: "This cannot be opened now",
  downText: "The documents are safe. Try again in a moment.",
  offlineTitle: "You are offline",
  offlineText: "The documents will open when the network is back.",

  providedBy: (name: string) => `Service provided by ${name}`,
  report: "You do not know this person? Report this link",
  reportTitle: "Report this link",
  reportText:
    "Open nothing. Tell support who sent you this link and give them the address of this page: they can close it.",
  language: "Language",
};
