import type { Selectable } from "kysely";
import type { Store } from "../../store/database.ts";
import type { ShareLink as ShareLinkTable } from "../../store/schema.generated.ts";
import { DomainError } from "../errors.ts";
import type { ServerSecrets } from "../identity/server-secrets.ts";

export interface SharingDeps {
  readonly store: Store;
  readonly secrets: ServerSecrets;
}

export type ShareLinkRow = Selectable<ShareLinkTable>;

/** Purpose of the keys that hash and seal tokens. */
export const linkPurpose = "share-link";

export interface ShareLink {
  id: string;
  /** Null for a viewer who may not share what it leads to. */
  token: string | null;
  node: { id: string; name: string; kind: "folder" | "file"; accountId: string };
  label: string | null;
  hasPassword: boolean;
  expiresAt: Date | null;
  createdAt: Date;
  createdBy: string | null;
  /** `removed`: in the trash or in another space; it works again when that ends. */
  state: "active" | "expired" | "removed";
  openedCount: number;
  lastOpenedAt: Date | null;
}

export interface LinkSettings {
  /** Null takes it away, undefined leaves it. */
  label?: string | null | undefined;
  password?: string | null | undefined;
  expiresAt?: Date | null | undefined;
}

const shortestPassword = 8;

/** @throws DomainError `invalid` with data.field */
export function checkSettings(settings: LinkSettings): LinkSettings {
  const { password, expiresAt } = settings;
  const label = settings.label?.trim().normalize("NFC") || (settings.label === undefined ? undefined : null);
  const refuse = (field: string, message: string): never => {
    throw new DomainError("invalid", message, { data: { field } });
  };
  if (label && (label.length > 200 || label.includes("\0"))) refuse("/label", "A label has at most 200 characters");
  if (typeof password === "string" && (password.length < shortestPassword || password.length > 200)) {
    refuse("/password", `A password has ${shortestPassword} to 200 characters`);
  }
  if (expiresAt && !(expiresAt.getTime() > Date.now())) refuse("/expiresAt", "This date is over");
  return { label, password, expiresAt };
}
