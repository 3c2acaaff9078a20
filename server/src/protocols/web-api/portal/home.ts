import { Home } from "@bouquet/contract/portal.ts";
import { toDomainError } from "../../../domain/errors.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { readDriveFigures, readMailFigures } from "../../../domain/portal/read-home.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";

/** `GET /api/home`: each part stands alone, so that one that cannot be read leaves the others. */
export function registerHome(app: ServiceApp, { settings, log }: ServiceContext, { store }: IdentityDeps): void {
  app.get("/api/home", { schema: { response: { 200: Home } } }, async (request): Promise<Home> => {
    const viewer = requireViewer(request);
    const attempt = async <T>(part: string, read: Promise<T>): Promise<T | undefined> => {
      try {
        return await read;
      } catch (error) {
        log.error(
          { error, part, expected: toDomainError(error) !== undefined },
          "a part of the portal's home could not be read",
        );
        return undefined;
      }
    };
    const [mail, drive] = await Promise.all([
      attempt("mail", readMailFigures(store.read, viewer)),
      attempt("drive", readDriveFigures(store.read, viewer)),
    ]);
    return {
      mail: mail
        ? {
            unread: mail.unread,
            latest: mail.latest ? { ...mail.latest, receivedAt: mail.latest.receivedAt.toISOString() } : null,
            usage: { ...mail.usage },
          }
        : null,
      drive: drive
        ? {
            usage: { ...drive.usage },
            recent: drive.recent.map(({ parentId, ...document }) => ({
              ...document,
              changedAt: document.changedAt.toISOString(),
              url: `${settings.origins.drive}/folder/${parentId}?node=${document.id}`,
            })),
          }
        : null,
      services: [
        { name: "mail", state: mail ? "ok" : "down", since: null },
        { name: "drive", state: drive ? "ok" : "down", since: null },
      ],
    };
  });
}
