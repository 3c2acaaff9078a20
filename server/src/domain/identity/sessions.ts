import type { Viewer } from "./viewer.ts";

export type ServiceName = "portal" | "mail" | "drive";

/** An open session on one origin, found by its cookie. */
export interface OpenSession {
  readonly id: string;
  /** The sign-in that it belongs to; it ends with it. */
  readonly familyId: string;
  readonly service: ServiceName;
  readonly csrfToken: string;
  readonly viewer: Viewer;
  readonly signedInAt: Date;
  readonly expiresAt: Date;
  readonly lastSeenAt: Date;
}

/** What is known of whoever asks for a session. */
export interface ClientTraits {
  readonly remoteAddress: string;
  readonly userAgent: string | undefined;
}

/** A sign-in ends when none of its services was used for this long. Two weeks: a holiday, not a forgotten computer. */
export const idleDays = 14;
/** And after this long whatever happens: four times a year everybody proves who they are. */
export const longestDays = 90;
/** Writing at each request would make every read a write. */
export const touchSeconds = 300;

/** Purpose of the stored hash of session tokens. */
export const sessionTokenPurpose = "session";
