import type { Right } from "../../../src/domain/access/account-access.ts";

/** Who comes, what was given to them, and what of it holds. */
export interface Role {
  readonly name: string;
  readonly way: "owner" | "user" | "group" | "team" | "abroad" | "link" | "stranger" | "nobody";
  readonly rights: readonly Right[];
  readonly isAbroad?: boolean;
  readonly isAdministrator?: boolean;
  /** Comes by the address of the owner's files instead of their own. */
  readonly goesToOwner?: boolean;
  /** It held once. */
  readonly ended?: "revoked" | "expired" | "used up";
  readonly link?: {
    readonly isViewOnly?: boolean;
    readonly password?: "given" | "missing";
    readonly hasLimit?: boolean;
  };
}

const full: readonly Right[] = ["read", "write", "create", "delete", "share"];
const edit: readonly Right[] = ["read", "write", "create", "delete"];
const degrees: readonly (readonly [string, readonly Right[]])[] = [
  ["read", ["read"]],
  ["read and create", ["read", "create"]],
  ["read and write", ["read", "write"]],
  ["read and delete", ["read", "delete"]],
  ["read and share", ["read", "share"]],
  ["edit", edit],
  ["full", full],
];

/** Everybody who may come by name, or without one where a name is needed. */
export const people: readonly Role[] = [
  { name: "owner", way: "owner", rights: full },
  ...degrees.map(([name, rights]) => ({ name: `user, ${name}`, way: "user" as const, rights })),
  { name: "group, read", way: "group", rights: ["read"] },
  { name: "group, full", way: "group", rights: full },
  ...degrees.slice(0, 4).map(([name, rights]) => ({ name: `team folder, ${name}`, way: "team" as const, rights })),
  { name: "team folder, full", way: "team", rights: full },
  { name: "abroad, read", way: "abroad", rights: ["read"], isAbroad: true },
  { name: "abroad, full", way: "abroad", rights: full, isAbroad: true },
  { name: "user, revoked", way: "user", rights: full, ended: "revoked" },
  { name: "user, expired", way: "user", rights: full, ended: "expired" },
  { name: "abroad, revoked", way: "abroad", rights: full, ended: "revoked", isAbroad: true },
  { name: "stranger of the organization", way: "stranger", rights: [] },
  { name: "stranger at the owner's address", way: "stranger", rights: [], goesToOwner: true },
  { name: "stranger of another organization", way: "stranger", rights: [], isAbroad: true },
  { name: "administrator", way: "stranger", rights: [], isAdministrator: true },
  { name: "administrator of another organization", way: "stranger", rights: [], isAbroad: true, isAdministrator: true },
  { name: "nobody", way: "nobody", rights: [], goesToOwner: true },
];

/** Whoever has a link, by what the link is. */
export const linkHolders: readonly Role[] = [
  { name: "link, view", way: "link", rights: ["read"] },
  { name: "link, view only", way: "link", rights: ["read"], link: { isViewOnly: true } },
  { name: "link, some downloads", way: "link", rights: ["read"], link: { hasLimit: true } },
  { name: "link, read and create", way: "link", rights: ["read", "create"] },
  { name: "link, edit", way: "link", rights: edit },
  { name: "link, edit, view only", way: "link", rights: edit, link: { isViewOnly: true } },
  { name: "link, file request", way: "link", rights: ["create"] },
  { name: "link, with its password", way: "link", rights: edit, link: { password: "given" } },
  { name: "link, without its password", way: "link", rights: edit, link: { password: "missing" } },
  { name: "link, revoked", way: "link", rights: edit, ended: "revoked" },
  { name: "link, expired", way: "link", rights: edit, ended: "expired" },
  { name: "link, used up", way: "link", rights: edit, ended: "used up", link: { hasLimit: true } },
];

/** What a call is for, beside the rights on what it is about. */
export type Circle =
  /** Those to whom the whole space is open: its owner, the people of a team folder. */
  | "space"
  /** People of the organization that holds it. */
  | "organization"
  /** Who wrote it, which the owner did. */
  | "author"
  /** Administrators of the organization that holds it. */
  | "administrators"
  /** Its owner, and those administrators: a decision about the space. */
  | "deciders"
  /** It is never done. */
  | "nobody";

export interface Need {
  /** Without one of them it is refused. */
  readonly rights: readonly Right[];
  readonly circle?: Circle;
  /** Bytes leave: not by a link that only shows. */
  readonly takes?: boolean;
  /** Where a link shows nothing, it is possible all the same: what it is there for. */
  readonly isSending?: boolean;
}

/** The whole law, from which every expectation of the table follows. */
export function isAllowed({ way, rights, ended, link, isAbroad, isAdministrator }: Role, need: Need): boolean {
  const isOwner = way === "owner";
  switch (need.circle) {
    case "nobody":
      return false;
    case "administrators":
      return isAdministrator === true && !isAbroad;
    case "deciders":
      return isOwner || (isAdministrator === true && !isAbroad);
    case "author":
      return isOwner;
    case "space":
      if (!isOwner && way !== "team") return false;
      break;
    case "organization":
      if (isAbroad) return false;
      break;
  }
  if (ended || link?.password === "missing") return false;
  if (link?.isViewOnly && need.takes) return false;
  // Whatever is sent by a file request is a new file, in the folder of its sender.
  if (way === "link" && !rights.includes("read")) return need.isSending === true;
  return rights.length > 0 && need.rights.every((right) => rights.includes(right));
}
