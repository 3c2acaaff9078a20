import { findSharees, recommendSharees, type Sharee } from "../../../domain/sharing/find-sharees.ts";
import type { SharingDeps } from "../../../domain/sharing/model.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";
import type { OcsRoute } from "../ocs/ocs-route.ts";
import type { Parameters } from "../parameters.ts";
import { shareType } from "./describe-share.ts";

const base = "/apps/files_sharing/api/v1";
const mostPerPage = 200;

/** `/sharees`: with whom something may be shared. Mail addresses that nobody here has are for links. */
export function shareeRoutes(deps: NextcloudDeps & SharingDeps): OcsRoute[] {
  return [
    {
      method: "GET",
      path: `${base}/sharees`,
      handle: async ({ viewer, parameters }) => {
        const search = (parameters.text("search") ?? "").trim();
        const perPage = Math.min(mostPerPage, Math.max(1, parameters.integer("perPage") ?? mostPerPage));
        const page = Math.max(1, parameters.integer("page") ?? 1);
        const found = page === 1 ? await findSharees(deps, viewer, search, perPage) : [];
        return { data: answer(found, search, parameters) };
      },
    },
    {
      method: "GET",
      path: `${base}/sharees_recommended`,
      handle: async ({ viewer, parameters }) => ({
        data: answer(await recommendSharees(deps, viewer), undefined, parameters),
      }),
    },
  ];
}

function answer(found: readonly Sharee[], search: string | undefined, parameters: Parameters) {
  const asked = parameters.list("shareType").map(Number);
  const wants = (type: number) => asked.length === 0 || asked.includes(type);
  const text = search?.toLowerCase();
  const isExact = ({ uid, displayName, address }: Sharee) =>
    text !== undefined && [uid, displayName, address].some((each) => each?.toLowerCase() === text);
  const of = (kind: Sharee["kind"], exact: boolean) =>
    found
      .filter((each) => each.kind === kind && isExact(each) === exact)
      .filter(() => wants(kind === "group" ? shareType.group : shareType.user))
      .map((each): object => (kind === "group" ? toGroup(each) : toUser(each)));
  const isAddress = text !== undefined && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
  const isKnown = found.some((each) => each.address?.toLowerCase() === text);
  const emails = isAddress && !isKnown && wants(shareType.mail) ? [toEmail(search!)] : [];
  const empty = { remotes: [], remote_groups: [], circles: [], rooms: [] };
  return {
    exact: { users: of("person", true), groups: of("group", true), emails, ...empty },
    users: of("person", false),
    groups: of("group", false),
    emails: [],
    lookup: [],
    ...empty,
    lookupEnabled: false,
  };
}

function toUser({ uid, displayName, address, organization, isElsewhere }: Sharee) {
  return {
    label: displayName,
    subline: isElsewhere ? organization : "",
    icon: "icon-user",
    value: { shareType: shareType.user, shareWith: uid },
    shareWithDisplayNameUnique: address ?? uid,
    status: [],
  };
}

function toGroup({ uid, displayName, organization, isElsewhere }: Sharee) {
  const label = isElsewhere ? `${displayName} (${organization})` : displayName;
  return { label, value: { shareType: shareType.group, shareWith: uid } };
}

function toEmail(address: string) {
  return { label: address, uuid: address, value: { shareType: shareType.mail, shareWith: address } };
}
