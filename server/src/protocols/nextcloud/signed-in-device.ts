import type { DavSession } from "../dav/dav-context.ts";

/** Somebody, and the app password by which their program came. */
export type SignedInDevice = Pick<DavSession, "viewer" | "device">;
