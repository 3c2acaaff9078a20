import type { Position } from "./sieve-error.ts";

/** A header that `addheader` or `deleteheader` changed: all its fields, without the blank line. Equal when nothing changed between. */
export type EditedHeader = Buffer;

interface Delivery {
  /** As the script names them, each once: `\Seen`, `$Work`. */
  readonly flags: readonly string[];
  readonly editedHeader: EditedHeader | undefined;
}

export interface KeepAction extends Delivery {
  readonly kind: "keep";
}

export interface FileIntoAction extends Delivery {
  readonly kind: "fileinto";
  /** Levels separated by a slash. */
  readonly mailbox: string;
  readonly mayCreate: boolean;
  /** RFC 9042: tried before the name. */
  readonly mailboxId: string | undefined;
  /** RFC 8579, such as `\Junk`: tried before the name. */
  readonly specialUse: string | undefined;
}

export interface RedirectAction {
  readonly kind: "redirect";
  readonly address: string;
  readonly editedHeader: EditedHeader | undefined;
}

export interface DiscardAction {
  readonly kind: "discard";
}

export interface RejectAction {
  readonly kind: "reject";
  readonly isExtended: boolean;
  readonly text: string;
}

export interface VacationAction {
  readonly kind: "vacation";
  readonly reason: string;
  readonly subject: string | undefined;
  readonly from: string | undefined;
  /** The reason is a MIME entity with its own header. */
  readonly isMime: boolean;
  readonly addresses: readonly string[];
  /** Names this answer among others; made of the arguments when the script gives none (RFC 5230 section 4.2). */
  readonly handle: string;
  readonly intervalSeconds: number;
}

export interface NotifyAction {
  readonly kind: "notify";
  /** URI. */
  readonly method: string;
  readonly from: string | undefined;
  /** 1 is urgent, 3 is not. */
  readonly importance: 1 | 2 | 3;
  readonly message: string | undefined;
  readonly options: readonly string[];
}

export type SieveAction =
  | KeepAction
  | FileIntoAction
  | RedirectAction
  | DiscardAction
  | RejectAction
  | VacationAction
  | NotifyAction;

/** What `duplicate` (RFC 7352) asks to remember once the script has succeeded. */
export interface SeenId {
  readonly id: string;
  readonly seconds: number;
}

export interface SieveResult {
  /** In the order of the script; the implicit keep, when it stands, is the last. */
  readonly actions: readonly SieveAction[];
  readonly seenIds: readonly SeenId[];
  /** Set: the script failed, and `actions` is an implicit keep alone (RFC 5228 section 2.10.6). */
  readonly failure: { readonly message: string; readonly position: Position; readonly script: string } | undefined;
}
