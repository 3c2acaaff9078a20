import type { Selectable } from "kysely";
import type { Store } from "../../store/database.ts";
import type { ShareLink as ShareLinkTable } from "../../store/schema.generated.ts";
import type { DriveAccess } from "../drive/model.ts";
import { DomainError } from "../errors.ts";
import type { ServerSecrets } from "../identity/server-secrets.ts";

export interface SharingDeps {
  readonly store: Store;
  readonly secrets: ServerSecrets;
  /** What the operator allows; nothing beyond the organization when absent. */
  readonly sharing?: SharingPolicy | undefined;
}

export interface SharingPolicy {
  /** With whom people of one organization may share: nobody of others, everybody, or among those that own one of these domains. */
  readonly acrossOrganizations: "none" | "all" | readonly string[];
}

/** Of somebody: a link shares nothing on. */
export type SharerAccess = DriveAccess & { readonly viewer: { organizationId: string; principalId: string } };

export type ShareLinkRow = Selectable<ShareLinkTable>;

/** Purpose of the keys that hash and seal tokens. */
export const linkPurpose = "share-link";

/** What a link may allow. `create` alone is a file request: whoever has it can send, and sees nothing. */
export type LinkRight = "read" | "write" | "create" | "delete";
export const linkRights: readonly LinkRight[] = ["read", "write", "create", "delete"];

export interface ShareLink {
  id: string;
  /** Global: what the client API calls it. */
  number: number;
  /** Null for a viewer who may not share what it leads to. */
  token: string | null;
  node: {
    id: string;
    fileId: number;
    parentFileId: number | null;
    name: string;
    kind: "folder" | "file";
    accountId: string;
    organizationId: string;
  };
  rights: ReadonlySet<LinkRight>;
  /** False: what it shows is looked at in the browser, and not taken. */
  mayDownload: boolean;
  downloadLimit: number | null;
  downloadCount: number;
  label: string | null;
  /** For whoever opens it. */
  note: string | null;
  /** The address to which it was sent. */
  recipient: string | null;
  hasPassword: boolean;
  expiresAt: Date | null;
  createdAt: Date;
  createdBy: string | null;
  createdById: string;
  createdByUid: string | null;
  /** `removed`: in the trash or in another space; it works again when that ends. `used_up`: downloaded as often as it may be. */
  state: "active" | "expired" | "removed" | "used_up";
  openedCount: number;
  lastOpenedAt: Date | null;
}

export interface LinkSettings {
  /** Null takes it away, undefined leaves it. */
  label?: string | null | undefined;
  password?: string | null | undefined;
  expiresAt?: Date | null | undefined;
  rights?: ReadonlySet<LinkRight> | undefined;
  mayDownload?: boolean | undefined;
  downloadLimit?: number | null | undefined;
  note?: string | null | undefined;
  /** The link is mailed there. */
  recipient?: string | null | undefined;
}

const shortestPassword = 8;
const mostDownloads = 1_000_000;

/** @throws DomainError `invalid` with data.field */
export function checkSettings(settings: LinkSettings): LinkSettings {
  const { password, expiresAt, downloadLimit, rights, mayDownload } = settings;
  const label = tidy(settings.label);
  const note = checkNote(settings.note);
  const recipient = tidy(settings.recipient)?.toLowerCase() ?? (settings.recipient === undefined ? undefined : null);
  if (label && (label.length > 200 || label.includes("\0"))) refuse("/label", "A label has at most 200 characters");
  if (recipient && !/^[^\s@\0<>,;:"]{1,64}@[^\s@\0<>,;:"]{1,255}$/.test(recipient)) {
    refuse("/recipient", "This is no mail address");
  }
  if (typeof password === "string" && (password.length < shortestPassword || password.length > 200)) {
    refuse("/password", `A password has ${shortestPassword} to 200 characters`);
  }
  checkEnd(expiresAt);
  if (
    typeof downloadLimit === "number" &&
    !(Number.isInteger(downloadLimit) && downloadLimit > 0 && downloadLimit <= mostDownloads)
  ) {
    refuse("/downloadLimit", "A limit of downloads is a whole number above 0");
  }
  if (rights && !(rights.has("read") || (rights.size === 1 && rights.has("create")))) {
    refuse("/rights", "A link that lets nobody read can only receive files");
  }
  return { label, password, expiresAt, rights, mayDownload, downloadLimit, note, recipient };
}

/** @throws DomainError `invalid` for an end that is over */
export function checkEnd(expiresAt: Date | null | undefined): void {
  if (expiresAt && !(expiresAt.getTime() > Date.now())) refuse("/expiresAt", "This date is over");
}

/** @throws DomainError `invalid` */
export function checkNote(note: string | null | undefined): string | null | undefined {
  const text = tidy(note);
  if (text && (text.length > 2_000 || text.includes("\0"))) refuse("/note", "A note has at most 2000 characters");
  return text;
}

/** Those that mean something for a file, or for a folder. */
export function linkRightsFor(kind: "folder" | "file", rights: ReadonlySet<LinkRight>): LinkRight[] {
  const meant = linkRights.filter(
    (right) => rights.has(right) && (kind === "folder" || right === "read" || right === "write"),
  );
  if (meant.length === 0) refuse("/rights", "Only a folder can receive files");
  return meant;
}

function tidy(text: string | null | undefined): string | null | undefined {
  return text?.trim().normalize("NFC") || (text === undefined ? undefined : null);
}

function refuse(field: string, message: string): never {
  throw new DomainError("invalid", message, { data: { field } });
}
