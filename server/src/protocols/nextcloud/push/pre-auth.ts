import { isAppPasswordValid } from "../../../domain/identity/authenticate-client.ts";
import { loadViewer } from "../../../domain/identity/load-viewer.ts";
import { authenticateDevice, type SignedInDevice } from "../authenticate-device.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";
import type { PageRoute } from "../page-route.ts";

const purpose = "push-pre-auth";
const validMs = 15_000;

interface Ticket {
  organizationId: string;
  principalId: string;
  device: { id: string; name: string };
  expiresAt: number;
}

/** A ticket for a program that would not send its password through a WebSocket: used as the password, with an empty name. */
export function preAuthRoutes(deps: NextcloudDeps): PageRoute[] {
  return [
    {
      method: "POST",
      path: "/apps/notify_push/pre_auth",
      handle: async (request, response) => {
        const { viewer, device } = await authenticateDevice(deps.authenticator, request);
        const ticket: Ticket = {
          organizationId: viewer.organizationId,
          principalId: viewer.principalId,
          device: { id: device.id, name: device.name },
          expiresAt: Date.now() + validMs,
        };
        const sealed = deps.secrets.seal(purpose, JSON.stringify(ticket)).toString("base64url");
        const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
        response.writeHead(200, { ...headers, "content-length": sealed.length }).end(sealed);
      },
    },
  ];
}

/** @returns undefined for what is no ticket, or one whose time is over or whose password was withdrawn */
export async function openTicket(deps: NextcloudDeps, text: string): Promise<SignedInDevice | undefined> {
  const opened = deps.secrets.open(purpose, Buffer.from(text, "base64url"));
  if (!opened) return undefined;
  const ticket = JSON.parse(opened.toString("utf8")) as Ticket;
  const { organizationId } = ticket;
  if (ticket.expiresAt < Date.now()) return undefined;
  if (!(await isAppPasswordValid(deps, organizationId, ticket.device.id))) return undefined;
  return { viewer: await loadViewer(deps.store.read, ticket), device: { organizationId, ...ticket.device } };
}
