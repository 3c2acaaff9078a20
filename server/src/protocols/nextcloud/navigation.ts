import type { NextcloudDeps } from "./nextcloud-deps.ts";
import type { OcsRoute } from "./ocs/ocs-route.ts";

/** The services that clients list beside the files. */
export function navigationRoutes({ settings }: NextcloudDeps): OcsRoute[] {
  return [
    {
      method: "GET",
      path: "/core/navigation/apps",
      handle: ({ viewer, origin }) => {
        const isFrench = viewer.language === "fr";
        const icon = `${origin}/index.php/apps/theming/image/logo`;
        const entries = [
          { id: "files", name: isFrench ? "Fichiers" : "Files", href: `${settings.origins.drive}/` },
          { id: "mail", name: isFrench ? "Messagerie" : "Mail", href: `${settings.origins.mail}/` },
          { id: "portal", name: isFrench ? "Portail" : "Portal", href: `${settings.origins.portal}/` },
        ];
        return {
          data: entries.map(({ id, name, href }, order) => ({
            id,
            order,
            href,
            icon,
            type: "link",
            name,
            app: id,
            active: false,
            unread: 0,
            classes: "",
            default: order === 0,
          })),
          hasEtag: true,
        };
      },
    },
    { method: "GET", path: "/core/navigation/settings", handle: () => ({ data: [], hasEtag: true }) },
  ];
}
