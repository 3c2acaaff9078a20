import { isAppPasswordValid } from "../../domain/identity/authenticate-client.ts";
import { loadViewer } from "../../domain/identity/load-viewer.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import type { SignedInDevice } from "./signed-in-device.ts";

interface Ticket<T> {
  readonly organizationId: string;
  readonly principalId: string;
  readonly device: { readonly id: string; readonly name: string };
  readonly about: T;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** What stands for the app password of a device for a while, where that cannot be sent. */
export function sealTicket<T>(
  { secrets }: Pick<NextcloudDeps, "secrets">,
  purpose: string,
  { viewer, device }: SignedInDevice,
  about: T,
  validMs: number,
): string {
  const ticket: Ticket<T> = {
    organizationId: viewer.organizationId,
    principalId: viewer.principalId,
    device: { id: device.id, name: device.name },
    about,
    expiresAt: Date.now() + validMs,
  };
  return secrets.seal(purpose, JSON.stringify(ticket)).toString("base64url");
}

/** @returns undefined for what is no ticket of that purpose, or one whose time is over or whose app password was withdrawn */
export async function openTicket<T>(
  deps: NextcloudDeps,
  purpose: string,
  text: string,
): Promise<(SignedInDevice & { readonly about: T }) | undefined> {
  const opened = deps.secrets.open(purpose, Buffer.from(text, "base64url"));
  if (!opened) return undefined;
  const { organizationId, principalId, device, about, expiresAt } = JSON.parse(opened.toString("utf8")) as Ticket<T>;
  if (expiresAt < Date.now() || !(await isAppPasswordValid(deps, organizationId, device.id))) return undefined;
  const viewer = await loadViewer(deps.store.read, { organizationId, principalId });
  return { viewer, device: { organizationId, ...device }, about };
}
