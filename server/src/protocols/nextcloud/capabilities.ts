import { sendsEmptyFiles } from "./bulk/sends-empty-files.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import type { OcsRoute } from "./ocs/ocs-route.ts";
import { apiVersion } from "./status.ts";
import { forbiddenNames } from "./windows-names.ts";

/** One part of the capabilities, by the name of the app that Nextcloud has for it; asked at each answer. */
export type CapabilityPart = (origin: string) => Readonly<Record<string, unknown>>;

/**
 * `/cloud/capabilities`: what is announced is whole. `parts` add what others serve: shares, previews.
 * What every client may know before it has signed in is how we look.
 */
export function capabilityRoutes(deps: NextcloudDeps, parts: readonly CapabilityPart[]): OcsRoute[] {
  return [
    {
      method: "GET",
      path: "/cloud/capabilities",
      access: "anybody",
      handle: ({ origin, viewer, raw }) => {
        const { full, ...version } = apiVersion;
        const capabilities = viewer
          ? Object.assign(
              {},
              ownCapabilities(origin, {
                hasBulkUpload: sendsEmptyFiles(raw.headers["user-agent"]),
                declaresWindowsNames: deps.declaresWindowsNames ?? true,
              }),
              theming(deps, origin),
              ...parts.map((part) => part(origin)),
            )
          : theming(deps, origin);
        return {
          data: { version: { ...version, edition: "", extendedSupport: false }, capabilities },
          hasEtag: true,
        };
      },
    },
  ];
}

function ownCapabilities(
  origin: string,
  { hasBulkUpload, declaresWindowsNames }: { hasBulkUpload: boolean; declaresWindowsNames: boolean },
): Record<string, unknown> {
  return {
    core: {
      pollinterval: 60,
      "webdav-root": "remote.php/webdav",
      "reference-api": false,
      "mod-rewrite-working": false,
    },
    bruteforce: { delay: 0, "allow-listed": false },
    // No "checksums", as Nextcloud has none: clients send SHA-1 all the same. One that is told SHA-1 is verified skips a turn of its event
    // loop, and then waits forever when a tiny file takes the place of a folder (PropagateUploadFileV1::startNextChunk, 3.7).
    dav: { chunking: "1.0", ...(hasBulkUpload && { bulkupload: "1.0" }) },
    files: {
      ...forbiddenNames(declaresWindowsNames),
      bigfilechunking: true,
      chunked_upload: { max_size: 104_857_600, max_parallel_count: 5 },
      file_conversions: [],
      locking: "1.0",
      "api-feature-lock-type": true,
      comments: true,
      undelete: true,
      delete_from_trash: true,
      versioning: true,
      version_labeling: true,
      version_deletion: true,
    },
    activity: { apiv2: ["filters", "filters-api", "rich-strings"] },
    notifications: {
      "ocs-endpoints": [
        "list",
        "get",
        "delete",
        "delete-all",
        "icons",
        "rich-strings",
        "action-web",
        "user-status",
        "exists",
      ],
    },
    notify_push: {
      type: ["files", "activities", "notifications"],
      endpoints: {
        websocket: `${origin.replace(/^http/, "ws")}/push/ws`,
        pre_auth: `${origin}/index.php/apps/notify_push/pre_auth`,
      },
    },
    systemtags: { enabled: true },
    user_status: { enabled: true, restore: false, supports_emoji: true, supports_busy: true },
  };
}

function theming({ settings }: NextcloudDeps, origin: string): Record<string, unknown> {
  const logo = `${origin}/index.php/apps/theming/image/logo`;
  return {
    theming: {
      name: settings.operator.name ?? "Bouquet",
      url: settings.origins.portal,
      slogan: "",
      color: "#1e5b42",
      "color-text": "#ffffff",
      "color-element": "#1e5b42",
      "color-element-bright": "#1e5b42",
      "color-element-dark": "#8ccba4",
      logo,
      background: "#1e5b42",
      "background-text": "#ffffff",
      "background-plain": true,
      "background-default": true,
      logoheader: logo,
      favicon: logo,
    },
  };
}
