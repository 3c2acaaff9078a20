import {
  listStatuses,
  readOwnStatus,
  setStatus,
  setStatusMessage,
  type UserStatus,
} from "../../domain/identity/user-status.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { OcsError, type OcsRoute } from "./ocs/ocs-route.ts";
import type { Parameters } from "./parameters.ts";

const base = "/apps/user_status/api/v1";

interface Predefined {
  readonly id: string;
  readonly icon: string;
  readonly fr: string;
  readonly en: string;
  readonly clearAt:
    | { readonly type: "period"; readonly time: number }
    | { readonly type: "end-of"; readonly time: "day" }
    | null;
}

/** What clients offer, by the ids that they have texts for. */
const predefined: readonly Predefined[] = [
  { id: "meeting", icon: "📅", fr: "En réunion", en: "In a meeting", clearAt: { type: "period", time: 3_600 } },
  { id: "commuting", icon: "🚌", fr: "En trajet", en: "Commuting", clearAt: { type: "period", time: 1_800 } },
  {
    id: "remote-work",
    icon: "🏡",
    fr: "En télétravail",
    en: "Working remotely",
    clearAt: { type: "end-of", time: "day" },
  },
  { id: "sick-leave", icon: "🤒", fr: "En arrêt maladie", en: "Out sick", clearAt: { type: "end-of", time: "day" } },
  { id: "vacationing", icon: "🌴", fr: "En congés", en: "Vacationing", clearAt: null },
];

/** What a person says of themselves: online, away, in a meeting until three. */
export function userStatusRoutes(deps: NextcloudDeps): OcsRoute[] {
  const { store } = deps;
  const own = async (viewer: Viewer) => {
    const found = await readOwnStatus(store.read, viewer);
    if (!found) throw new OcsError(404, "No status for the current user");
    return { data: describeOwn(found) };
  };
  return [
    { method: "GET", path: `${base}/user_status`, handle: ({ viewer }) => own(viewer) },
    {
      method: "PUT",
      path: `${base}/user_status/status`,
      handle: async ({ viewer, parameters }) => ({
        data: describeOwn(await setStatus(store, viewer, parameters.text("statusType") ?? "")),
      }),
    },
    {
      method: "PUT",
      path: `${base}/user_status/message/predefined`,
      handle: async ({ viewer, parameters }) => {
        const id = parameters.text("messageId") ?? "";
        const chosen = predefined.find((each) => each.id === id);
        if (!chosen) throw new OcsError(400, `Message-Id "${id.slice(0, 40)}" is not supported`);
        const { icon } = chosen;
        const input = { message: chosen[viewer.language], icon, clearAt: clearAtOf(parameters) };
        return { data: describeOwn(await setStatusMessage(store, viewer, input)) };
      },
    },
    {
      method: "PUT",
      path: `${base}/user_status/message/custom`,
      handle: async ({ viewer, parameters }) => {
        const input = {
          message: parameters.text("message"),
          icon: parameters.text("statusIcon"),
          clearAt: clearAtOf(parameters),
        };
        return { data: describeOwn(await setStatusMessage(store, viewer, input)) };
      },
    },
    {
      method: "DELETE",
      path: `${base}/user_status/message`,
      handle: async ({ viewer }) => {
        if (await readOwnStatus(store.read, viewer)) {
          await setStatusMessage(store, viewer, { message: undefined, icon: undefined, clearAt: undefined });
        }
        return {};
      },
    },
    // A program says that somebody works with it: what the person has said of themselves counts more.
    {
      method: "PUT",
      path: `${base}/heartbeat`,
      handle: async ({ viewer, parameters }) => {
        const found = await readOwnStatus(store.read, viewer);
        const status = parameters.text("status") ?? "";
        if (status !== "online" && status !== "away") throw new OcsError(400, "This status is not supported");
        return found ? { data: describeOwn(found) } : { data: describeOwn(await setStatus(store, viewer, status)) };
      },
    },
    {
      method: "GET",
      path: `${base}/predefined_statuses`,
      handle: ({ viewer }) => ({
        data: predefined.map(({ id, icon, clearAt, ...texts }) => ({
          id,
          icon,
          message: texts[viewer.language],
          clearAt,
          visible: true,
        })),
      }),
    },
    {
      method: "GET",
      path: `${base}/statuses`,
      handle: async ({ viewer, parameters }) => {
        const page = { limit: parameters.integer("limit") ?? 100, offset: parameters.integer("offset") ?? 0 };
        return { data: (await listStatuses(store.read, viewer.organizationId, page)).map(describe) };
      },
    },
    {
      method: "GET",
      path: `${base}/statuses/{uid}`,
      handle: async ({ viewer, path }) => {
        const [found] = await listStatuses(store.read, viewer.organizationId, { uid: path.uid! });
        if (!found) throw new OcsError(404, "No status for the requested userId");
        return { data: describe(found) };
      },
    },
  ];
}

/** Seconds since 1970; 0 and nothing: it stays. */
function clearAtOf(parameters: Parameters): Date | undefined {
  const seconds = parameters.integer("clearAt") ?? 0;
  return seconds === 0 ? undefined : new Date(seconds * 1_000);
}

function describe(status: UserStatus) {
  return {
    userId: status.uid,
    message: status.message ?? null,
    icon: status.icon ?? null,
    clearAt: status.clearAt ? Math.floor(status.clearAt.getTime() / 1_000) : null,
    status: status.status,
  };
}

function describeOwn(status: UserStatus) {
  const chosen = predefined.find(
    ({ icon, fr, en }) => icon === status.icon && (fr === status.message || en === status.message),
  );
  return {
    ...describe(status),
    messageId: chosen?.id ?? null,
    messageIsPredefined: chosen !== undefined,
    statusIsUserDefined: true,
  };
}
