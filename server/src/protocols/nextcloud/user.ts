import { openOwnAccount } from "../../domain/access/account-access.ts";
import { findPersonByUid } from "../../domain/identity/find-person-by-uid.ts";
import { listGroupsOf } from "../../domain/identity/list-groups-of.ts";
import { readProfile } from "../../domain/identity/profile.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import { readQuota } from "../../domain/quota/charge-quota.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { OcsError, type OcsRoute } from "./ocs/ocs-route.ts";

/** `/cloud/user` and `/cloud/users/<uid>`: the person themselves in full, of colleagues what the directory shows. */
export function userRoutes(deps: NextcloudDeps): OcsRoute[] {
  const own = async (viewer: Viewer) => ({ data: await describeSelf(deps, viewer) });
  return [
    { method: "GET", path: "/cloud/user", handle: ({ viewer }) => own(viewer) },
    {
      method: "GET",
      path: "/cloud/users/{uid}",
      handle: async ({ viewer, path }) => {
        if (path.uid === viewer.uid) return own(viewer);
        const found = await findPersonByUid(deps.store.read, viewer.organizationId, path.uid!);
        if (!found) throw new OcsError(404, "User does not exist");
        const profile = await readProfile(deps.store.read, found);
        return {
          data: {
            id: profile.uid,
            email: profile.addresses[0] ?? null,
            displayname: profile.displayName,
            "display-name": profile.displayName,
            role: profile.jobTitle,
            organisation: profile.organizationName,
            language: profile.language,
          },
        };
      },
    },
    // Which fields of the person a program may change: none, the portal does.
    { method: "GET", path: "/cloud/user/fields", handle: () => ({ data: [] }) },
    {
      method: "GET",
      path: "/cloud/users/{uid}/groups",
      handle: async ({ viewer, path }) => {
        if (path.uid !== viewer.uid) throw new OcsError(403, "Logged in user must be an admin");
        return { data: { groups: (await listGroupsOf(deps.store.read, viewer)).map(({ uid }) => uid) } };
      },
    },
  ];
}

async function describeSelf({ store }: NextcloudDeps, viewer: Viewer) {
  const access = await openOwnAccount(store.read, viewer);
  const [profile, quota, groups] = await Promise.all([
    readProfile(store.read, viewer),
    readQuota(store.read, access, "files"),
    listGroupsOf(store.read, viewer),
  ]);
  const [email, ...others] = profile.addresses;
  return {
    enabled: true,
    id: profile.uid,
    lastLogin: Date.now(),
    backend: "Database",
    subadmin: [],
    quota: {
      free: Math.max(0, quota.limit - quota.used),
      used: quota.used,
      total: quota.limit,
      relative: quota.limit > 0 ? Math.round((quota.used / quota.limit) * 10_000) / 100 : 0,
      quota: quota.limit,
    },
    manager: "",
    email: email ?? null,
    additional_mail: others,
    displayname: profile.displayName,
    "display-name": profile.displayName,
    phone: "",
    address: "",
    website: "",
    twitter: "",
    fediverse: "",
    organisation: profile.organizationName,
    role: profile.jobTitle,
    headline: "",
    biography: "",
    profile_enabled: "0",
    pronouns: "",
    groups: groups.map(({ uid }) => uid),
    language: profile.language,
    locale: profile.language === "fr" ? "fr_FR" : "en_GB",
    notify_email: null,
    backendCapabilities: { setDisplayName: false, setPassword: false },
  };
}
