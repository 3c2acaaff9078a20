import type { Activity, HistoryAction } from "../../domain/drive/list-activity.ts";
import type { RichParameter, RichText } from "./rich-text.ts";

/** By what clients choose a picture. */
const types: Readonly<Record<HistoryAction, string>> = {
  created: "file_created",
  overwritten: "file_changed",
  renamed: "file_changed",
  moved: "file_changed",
  trashed: "file_deleted",
  restored: "file_restored",
  left: "file_deleted",
  arrived: "file_created",
};

type Words = readonly [own: string, other: string, nobody: string];

const french: Readonly<Record<HistoryAction, Words>> = {
  created: ["Vous avez créé {file}", "{user} a créé {file}", "{file} a été créé"],
  overwritten: ["Vous avez modifié {file}", "{user} a modifié {file}", "{file} a été modifié"],
  renamed: [
    "Vous avez renommé {oldfile} en {newfile}",
    "{user} a renommé {oldfile} en {newfile}",
    "{oldfile} a été renommé en {newfile}",
  ],
  moved: ["Vous avez déplacé {file}", "{user} a déplacé {file}", "{file} a été déplacé"],
  trashed: ["Vous avez supprimé {file}", "{user} a supprimé {file}", "{file} a été supprimé"],
  restored: ["Vous avez restauré {file}", "{user} a restauré {file}", "{file} a été restauré"],
  left: ["Vous avez déplacé {file} ailleurs", "{user} a déplacé {file} ailleurs", "{file} a été déplacé ailleurs"],
  arrived: ["Vous avez déplacé {file} ici", "{user} a déplacé {file} ici", "{file} a été déplacé ici"],
};

const english: Readonly<Record<HistoryAction, Words>> = {
  created: ["You created {file}", "{user} created {file}", "{file} was created"],
  overwritten: ["You changed {file}", "{user} changed {file}", "{file} was changed"],
  renamed: [
    "You renamed {oldfile} to {newfile}",
    "{user} renamed {oldfile} to {newfile}",
    "{oldfile} was renamed to {newfile}",
  ],
  moved: ["You moved {file}", "{user} moved {file}", "{file} was moved"],
  trashed: ["You deleted {file}", "{user} deleted {file}", "{file} was deleted"],
  restored: ["You restored {file}", "{user} restored {file}", "{file} was restored"],
  left: ["You moved {file} elsewhere", "{user} moved {file} elsewhere", "{file} was moved elsewhere"],
  arrived: ["You moved {file} here", "{user} moved {file} here", "{file} was moved here"],
};

/** A change in a sentence, with what it names apart. */
export function describeActivity(
  activity: Activity,
  language: "fr" | "en",
  origin: string,
): { type: string; subject: RichText } {
  const { action, isOwn, actor, place, name, nameBefore, fileId } = activity;
  const [own, other, nobody] = (language === "fr" ? french : english)[action];
  const template = isOwn ? own : actor.displayName === undefined ? nobody : other;
  const file = (shown: string): RichParameter => ({
    type: "file",
    id: String(fileId),
    name: shown,
    path: place ? place.names.join("/") : shown,
    link: `${origin}/index.php/f/${fileId}`,
  });
  const parameters: Record<string, RichParameter> =
    action === "renamed" ? { oldfile: file(nameBefore ?? name), newfile: file(name) } : { file: file(name) };
  if (template === other) parameters.user = userOf(actor);
  return { type: types[action], subject: { template, parameters } };
}

function userOf({ uid, displayName = "" }: Activity["actor"]): RichParameter {
  return uid === undefined
    ? { type: "highlight", id: "guest", name: displayName }
    : { type: "user", id: uid, name: displayName };
}
