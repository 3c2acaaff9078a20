import { findPlaceByFileId } from "../../domain/drive/drive-place.ts";
import { type Activity, listActivity } from "../../domain/drive/list-activity.ts";
import { openDrive } from "../../domain/drive/open-drive.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import { describeActivity } from "./activity-texts.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { type OcsAnswer, OcsError, type OcsRequest, type OcsRoute } from "./ocs/ocs-route.ts";
import { plainText } from "./rich-text.ts";

const base = "/apps/activity/api/v2/activity";
const usualLimit = 50;
const mostLimit = 200;

const filters = {
  all: "everybody",
  files: "everybody",
  self: "self",
  by: "others",
} as const;

/** What happened to the files that somebody sees, in words. */
export function activityRoutes(deps: NextcloudDeps): OcsRoute[] {
  return [
    { method: "GET", path: base, handle: (request) => answer(deps, request, "all") },
    {
      method: "GET",
      path: `${base}/filters`,
      handle: ({ viewer: { language }, origin }) => {
        const icon = `${origin}/index.php/apps/theming/image/logo`;
        const names = {
          all: ["Toute l’activité", "All activities"],
          self: ["Par vous", "By you"],
          by: ["Par d’autres", "By others"],
        } as const;
        return {
          data: Object.entries(names).map(([id, [fr, en]], priority) => ({
            id,
            name: language === "fr" ? fr : en,
            icon,
            priority,
          })),
          hasEtag: true,
        };
      },
    },
    { method: "GET", path: `${base}/{filter}`, handle: (request) => answer(deps, request, request.path.filter!) },
  ];
}

async function answer(deps: NextcloudDeps, request: OcsRequest, filter: string): Promise<OcsAnswer> {
  const { viewer, device, parameters, origin } = request;
  if (!Object.hasOwn(filters, filter) && filter !== "filter") throw new OcsError(404, "");
  const by = filters[filter as keyof typeof filters] ?? "everybody";
  const limit = Math.min(mostLimit, Math.max(1, parameters.integer("limit") ?? usualLimit));
  const since = parameters.integer("since") || undefined;
  const drive = await openDrive(deps, viewer, device);
  const objectId = parameters.integer("object_id");
  const isObject = parameters.text("object_type") === "files" && objectId !== undefined;
  const place = isObject ? await findPlaceByFileId(deps.store.read, drive, objectId) : undefined;
  if (isObject && !place) throw new OcsError(404, "");
  const isAscending = parameters.text("sort") === "asc";
  const found = await listActivity(deps.store.read, drive, { since, limit, isAscending, by, nodeId: place?.node.id });
  const last = found.at(-1);
  if (!last) return { status: 304 };
  const next = new URLSearchParams({
    since: String(last.id),
    limit: String(limit),
    sort: isAscending ? "asc" : "desc",
  });
  if (place) {
    next.set("object_type", "files");
    next.set("object_id", String(objectId));
  }
  return {
    data: found.map((each) => describe(viewer, origin, each)),
    hasEtag: true,
    headers: {
      "x-activity-first-known": String(found[0]!.id),
      "x-activity-last-given": String(last.id),
      ...(found.length === limit && {
        link: `<${origin}/ocs/v2.php${base}/${encodeURIComponent(filter)}?${next}>; rel="next"`,
      }),
    },
  };
}

function describe(viewer: Viewer, origin: string, activity: Activity) {
  const { type, subject } = describeActivity(activity, viewer.language, origin);
  const path = activity.place ? `/${activity.place.names.join("/")}` : `/${activity.name}`;
  return {
    activity_id: activity.id,
    app: "files",
    type,
    user: activity.actor.uid ?? "",
    subject: plainText(subject),
    subject_rich: [subject.template, subject.parameters],
    message: "",
    message_rich: ["", []],
    object_type: "files",
    object_id: activity.fileId,
    object_name: path,
    objects: { [activity.fileId]: path },
    link: `${origin}/index.php/f/${activity.fileId}`,
    icon: `${origin}/index.php/apps/theming/image/logo`,
    datetime: activity.at.toISOString().replace(/\.\d+Z$/, "+00:00"),
    previews: [],
  };
}
