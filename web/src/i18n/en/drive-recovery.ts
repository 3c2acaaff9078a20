import type { fr } from "../fr/drive-recovery.ts";
import { formatNumber, plural } from "../language.ts";

const files = (n: number) => plural("en", n, "file", "files");
const items = (n: number) => plural("en", n, "item", "items");
const of = (n: number, total: number) => `${files(n)} of ${formatNumber("en", total)}`;

export const en: typeof fr = {
  files,

  goBack: "Go back to a date",
  goBackShort: "Go back to…",
  goBackTitle: (name) => `Go back in time in “${name}”`,
  goBackIntro:
    "Everything in this folder becomes as it was at that moment. Nothing is lost: what came since goes to the trash, and you can undo this.",
  quick: "Suggested moments",
  anHourAgo: "An hour ago",
  todayMorning: "This morning at 8:00",
  yesterdayEvening: "Yesterday at 17:00",
  aWeekAgo: "A week ago",
  missing: "Give a day and a time.",
  cancel: "Cancel",
  close: "Close",
  preview: "See what will change",
  goBackThen: "Go back to this moment",
  chooseAgain: "Choose another moment",
  asOf: (when) => `What will change to go back to how things were on ${when}:`,
  nothing: "Nothing has changed since then: everything is already as it was.",
  done: "Everything is as it was then.",

  kinds: {
    restored: "Come back from the trash",
    moved: "Get back their place or name",
    replaced: "Get back their content",
    trashed: "Go to the trash",
    left: "Cannot come back",
  },
  count: (count, held) => (held === count || held === 0 ? items(count) : `${items(count)} (${files(held)})`),
  fromTo: (from, to) => `${from} → ${to}`,
  more: (n) => `and ${plural("en", n, "other", "others")}`,
  reasons: {
    moved_away: "is in another space now",
    content_gone: "its content of then is not kept any more",
    gone: "is not kept any more",
    holds_this: "holds this folder now",
  },

  pauses: "Paused devices",
  pausesNone: "No device is paused",
  pausesNoneText: "A device that deletes, renames or replaces too many files at once stops here, and waits for you.",
  bannerMine: (device) => `“${device}” is paused: it was about to change too many files at once. Nothing is lost.`,
  bannerOther: (device, person) =>
    `“${device}”, of ${person}, is paused: it was about to change too many files at once. Nothing is lost.`,
  bannerMany: (n) => `${plural("en", n, "device is", "devices are")} paused. Nothing is lost.`,
  decide: "Look and decide",
  pauseMine: (device) => `Your device “${device}” is paused`,
  pauseOther: (device, person) => `“${device}”, of ${person}, is paused`,
  pauseText: (n, total, space) =>
    `It was about to delete, rename or replace ${of(n, total)} in “${space}” within minutes. It can still read, but change nothing.`,
  mySpace: "My files",
  did: "What it did before the pause",
  deleted: "Deleted",
  renamed: "Renamed or moved",
  replaced: "Replaced",
  pausedSince: "Paused since",
  didNothing: "Nothing: all of it was refused.",
  ifMeant: "If it is meant, allow it: it goes on, and is not stopped for an hour.",
  ifNotMeant: "If not (malicious software, a mistake), go back: everything becomes as it was just before its changes.",
  rolledBack: (when) =>
    `The space was put back as it was before, ${when}. The device stays paused: if allowed, it will send what it had not sent yet.`,
  newStart:
    "To start afresh on that computer, remove the account there, then add it again: it will fetch everything from here.",
  allow: "Allow",
  allowTitle: (device) => `Allow “${device}”?`,
  allowText:
    "It goes on where it stopped, and nothing stops it for an hour. What it deletes goes to the trash. A computer may wait for some hours " +
    "before it tries again: “Force sync now”, in the menu of the folder in its Nextcloud client, has it go on at once.",
  allowed: "Device allowed.",
  keepPaused: "Keep paused",
  rollBack: "Go back to before",
  rollBackTitle: (space) => `Go back to before in “${space}”`,
  rollBackAsOf: (when) => `What will change to go back to how things were on ${when}, just before its changes:`,
  cannotRollBack: "Only the owner of the space and the administrator can go back to before.",

  muchTitle: (n) => `Delete ${files(n)}?`,
  muchText: (n, total) =>
    `That is a lot: ${of(n, total)} in this space. They go to the trash, where you can get them back.`,
  muchMoveTitle: (n) => `Move ${items(n)}?`,
  muchMoveText: (n, total) => `That is a lot: ${of(n, total)} in this space will change place.`,
  muchReplaceTitle: (n) => `Replace ${files(n)}?`,
  muchReplaceText: (n, total) =>
    `That is a lot: ${of(n, total)} in this space will have a new content. The old one stays among the versions of each.`,
  remove: "Delete",
  move: "Move",
  replace: "Replace",
  keep: "Keep",

  versionName: "Name",
  versionNameOf: (date) => `Name the version ${date}`,
  versionNameTitle: "Name this version",
  versionNameLabel: "Name of the version",
  versionNameHint: "A version with a name is not removed with time. Leave empty to take the name away.",
  save: "Save",
  versionNamed: "Name of the version saved.",
  unscanned: "The virus scanner has not looked at this file: it is too large for it.",
  versionsShowAll: (n) => `Show ${plural("en", n, "version", "versions")} in between`,
  versionsShowFewer: "Hide the versions in between",

  inTrash: "In the trash",
  leftTrash: "Left the trash",
  leftTrashText: (days) =>
    `What was deleted for good, by you, by a program or with time, can still be recovered for ${days} days, and takes none of your room.`,
  leftTrashEmpty: "Nothing has left the trash",
  leftTrashEmptyText: (days) => `What leaves it can still be recovered here for ${days} days.`,
};
