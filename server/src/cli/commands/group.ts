import { addGroupMembers } from "../../domain/identity/add-group-members.ts";
import { findPerson } from "../../domain/identity/find-in-directory.ts";
import {
  addGroupModerators,
  addOutsideMember,
  type GroupOptions,
  readGroupOptions,
  removeGroupModerator,
  removeOutsideMember,
  setGroupOptions,
} from "../../domain/identity/group-options.ts";
import { removeGroupMembers } from "../../domain/identity/remove-group-members.ts";
import { type Command, required, UsageError } from "../command.ts";

const postings: Readonly<Record<string, GroupOptions["posting"]>> = {
  membres: "members",
  organisation: "organization",
  tous: "anyone",
};

export const groupCommand: Command = {
  usage: [
    "group elus@commune.fr [--add adresse]… [--remove adresse]… [--add-outside adresse]… [--remove-outside adresse]… " +
      "[--add-moderator adresse]… [--remove-moderator adresse]… [--posting membres|organisation|tous] " +
      "[--moderated oui|non] [--hidden oui|non]",
  ],
  what: "Change les membres d’un groupe, qui peut lui écrire, s’il est modéré, si ses membres sont cachés ; montre ses règles.",
  options: {
    add: { type: "string", multiple: true },
    remove: { type: "string", multiple: true },
    "add-outside": { type: "string", multiple: true },
    "remove-outside": { type: "string", multiple: true },
    "add-moderator": { type: "string", multiple: true },
    "remove-moderator": { type: "string", multiple: true },
    posting: { type: "string" },
    moderated: { type: "string" },
    hidden: { type: "string" },
  },
  async run({ domain, print }, [address], options) {
    const { read } = domain.store;
    const group = await findPerson(read, required(address, "l’adresse du groupe"));
    const idsOf = async (name: string): Promise<string[]> => {
      const found = await Promise.all(listOf(options[name]).map((each) => findPerson(read, each)));
      if (found.some((each) => each.organizationId !== group.organizationId)) {
        throw new UsageError("Un membre d’une autre collectivité s’ajoute avec --add-outside.");
      }
      return found.map((each) => each.principalId);
    };
    const added = await idsOf("add");
    const removed = await idsOf("remove");
    const moderators = await idsOf("add-moderator");
    const formerModerators = await idsOf("remove-moderator");
    const changes = readChanges(options);
    await domain.store.transact(async (tx) => {
      await setGroupOptions(tx, group, changes);
      await addGroupMembers(tx, group, added);
      await removeGroupMembers(tx, group, removed);
      await addGroupModerators(tx, group, moderators);
      for (const id of formerModerators) await removeGroupModerator(tx, group, id);
      for (const each of listOf(options["add-outside"])) await addOutsideMember(tx, group, each);
      for (const each of listOf(options["remove-outside"])) await removeOutsideMember(tx, group, each);
    });
    const { posting, isModerated, hidesMembers } = await readGroupOptions(read, group);
    const who = Object.keys(postings).find((name) => postings[name] === posting);
    print(
      `${group.displayName} : peuvent écrire ${who}, modéré ${yesNo(isModerated)}, membres cachés ${yesNo(hidesMembers)}`,
    );
  },
};

function readChanges(options: Readonly<Record<string, unknown>>): Partial<GroupOptions> {
  const posting = typeof options.posting === "string" ? postings[options.posting] : undefined;
  if (options.posting !== undefined && !posting) throw new UsageError("--posting est membres, organisation ou tous.");
  const isModerated = truth(options.moderated, "--moderated");
  const hidesMembers = truth(options.hidden, "--hidden");
  return {
    ...(posting && { posting }),
    ...(isModerated !== undefined && { isModerated }),
    ...(hidesMembers !== undefined && { hidesMembers }),
  };
}

function truth(value: unknown, name: string): boolean | undefined {
  if (value === undefined) return undefined;
  if (value !== "oui" && value !== "non") throw new UsageError(`${name} est oui ou non.`);
  return value === "oui";
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

function yesNo(value: boolean): string {
  return value ? "oui" : "non";
}
