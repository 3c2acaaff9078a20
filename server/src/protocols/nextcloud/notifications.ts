import { readOwnStatus } from "../../domain/identity/user-status.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import { dismissNotifications } from "../../domain/notifications/dismiss-notifications.ts";
import {
  findNotifications,
  listNotifications,
  type Notification,
  readNotification,
} from "../../domain/notifications/list-notifications.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { describeNotice } from "./notice-texts.ts";
import { OcsError, type OcsRoute } from "./ocs/ocs-route.ts";
import { plainText } from "./rich-text.ts";

/** What a person is told until they put it away. */
export function notificationRoutes(deps: NextcloudDeps): OcsRoute[] {
  const { store } = deps;
  const numberOf = (text: string | undefined): number => {
    if (!/^\d{1,15}$/.test(text ?? "")) throw new OcsError(404, "");
    return Number(text);
  };
  return (["v1", "v2"] as const).flatMap((version): OcsRoute[] => {
    const base = `/apps/notifications/api/${version}/notifications`;
    return [
      {
        method: "GET",
        path: base,
        handle: async ({ viewer, origin }) => {
          const [found, status] = await Promise.all([
            listNotifications(store.read, viewer),
            readOwnStatus(store.read, viewer),
          ]);
          return {
            data: found.map((each) => describe(deps, viewer, origin, each)),
            hasEtag: true,
            // Clients stay silent for somebody who does not want to be disturbed.
            headers: { "x-nextcloud-user-status": status?.status ?? "offline" },
          };
        },
      },
      {
        method: "GET",
        path: `${base}/{id}`,
        handle: async ({ viewer, origin, path }) => ({
          data: describe(deps, viewer, origin, await readNotification(store.read, viewer, numberOf(path.id))),
        }),
      },
      {
        method: "POST",
        path: `${base}/exists`,
        handle: async ({ viewer, parameters }) => {
          const ids = parameters.list("ids").slice(0, 200).map(Number);
          return { data: await findNotifications(store.read, viewer, ids) };
        },
      },
      {
        method: "DELETE",
        path: base,
        handle: async ({ viewer }) => {
          await dismissNotifications(store, viewer);
          return {};
        },
      },
      {
        method: "DELETE",
        path: `${base}/{id}`,
        handle: async ({ viewer, path }) => {
          await dismissNotifications(store, viewer, numberOf(path.id));
          return {};
        },
      },
    ];
  });
}

function describe({ settings }: NextcloudDeps, viewer: Viewer, origin: string, notification: Notification) {
  const { app, subject, message, objectType, objectId, link } = describeNotice(notification, viewer.language, {
    file: (fileId) => `${origin}/index.php/f/${fileId}`,
    security: `${settings.origins.portal}/security`,
  });
  return {
    notification_id: notification.id,
    app,
    user: viewer.uid,
    datetime: notification.createdAt.toISOString().replace(/\.\d+Z$/, "+00:00"),
    object_type: objectType,
    object_id: objectId,
    subject: plainText(subject),
    message: plainText(message),
    link,
    subjectRich: subject.template,
    subjectRichParameters: subject.parameters,
    messageRich: message.template,
    messageRichParameters: message.parameters,
    icon: `${origin}/index.php/apps/theming/image/logo`,
    shouldNotify: true,
    actions: [{ label: viewer.language === "fr" ? "Ouvrir" : "Open", link, type: "WEB", primary: true }],
  };
}
