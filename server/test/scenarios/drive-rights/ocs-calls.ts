import { browser, type Call, client, ocs, uses } from "./call.ts";
import type { Scene } from "./scene.ts";

const read = { rights: ["read"] } as const;
const write = { rights: ["read", "write"] } as const;
const share = { rights: ["read", "share"] } as const;
/** Of what others gave, by those who look after the whole space. */
const keeping = { rights: ["read", "share"], circle: "space" } as const;

const sharing = "/apps/files_sharing/api/v1";
const shares = `${sharing}/shares`;
const pathOf = (scene: Scene): string => encodeURIComponent(scene.path);
const list = (query: string) => ocs("GET", (scene) => `${shares}?path=${pathOf(scene)}${query}`);
const ofLink = (scene: Scene): string => `${shares}/${scene.link!.number}`;
const ofShare = (scene: Scene): string => `${shares}/${scene.share}`;

const shareCalls: readonly Call[] = [
  ...uses(`GET /ocs/v2.php${shares}`, [
    { name: "of a folder", need: read, does: "reads", run: list("") },
    { name: "of what is in a folder", need: read, does: "reads", run: list("&subfiles=true") },
    {
      ...{ name: "of a folder, the link", need: keeping, does: "finds", extras: ["link"], run: list("&reshares=true") },
      shows: (scene) => scene.link!.token!,
    },
    {
      ...{
        name: "of a folder, with whom else",
        need: keeping,
        does: "finds",
        extras: ["share"],
        run: list("&reshares=true"),
      },
      shows: (scene) => scene.holder.world.people.third.uid,
    },
    {
      // Owners and team folders have theirs without being given it.
      ...{ name: "with me", need: read, does: "finds", run: ocs("GET", () => `${shares}?shared_with_me=true`) },
      shows: ({ holder }) => (["owner", "team"].includes(holder.role.way) ? "ocs" : holder.root.name),
    },
  ]),
  ...uses(`GET /ocs/v2.php${shares}/inherited`, [
    { name: "", need: read, does: "reads", run: ocs("GET", (scene) => `${shares}/inherited?path=${pathOf(scene)}`) },
  ]),
  ...uses(`POST /ocs/v2.php${shares}`, [
    {
      ...{ name: "with somebody", need: share, does: "changes" },
      run: ocs(
        "POST",
        () => shares,
        (scene) => ({ ...withStranger(scene), path: scene.path }),
      ),
    },
    {
      name: "by a link",
      need: share,
      does: "changes",
      run: ocs(
        "POST",
        () => shares,
        ({ path }) => ({ path, shareType: "3" }),
      ),
    },
    {
      ...{ name: "by mail", need: share, does: "changes" },
      run: ocs(
        "POST",
        () => shares,
        ({ path }) => ({ path, shareType: "4", shareWith: "paul@dehors.example" }),
      ),
    },
    {
      ...{
        name: "with more than one may",
        need: { rights: ["read", "share", "write", "create", "delete"] },
        does: "changes",
      },
      run: ocs(
        "POST",
        () => shares,
        (scene) => ({ ...withStranger(scene), path: scene.path, permissions: "15" }),
      ),
    },
  ]),
  ...uses(`GET /ocs/v2.php${shares}/{id}`, [
    { name: "a link of the owner", need: keeping, does: "reads", extras: ["link"], run: ocs("GET", ofLink) },
    { name: "a share of the owner", need: keeping, does: "reads", extras: ["share"], run: ocs("GET", ofShare) },
  ]),
  ...uses(`PUT /ocs/v2.php${shares}/{id}`, [
    {
      name: "a link of the owner",
      need: keeping,
      does: "changes",
      extras: ["link"],
      run: ocs("PUT", ofLink, () => ({ label: "x" })),
    },
    {
      name: "a share of the owner",
      need: keeping,
      does: "changes",
      extras: ["share"],
      run: ocs("PUT", ofShare, () => ({ note: "x" })),
    },
  ]),
  ...uses(`DELETE /ocs/v2.php${shares}/{id}`, [
    { name: "a link of the owner", need: keeping, does: "changes", extras: ["link"], run: ocs("DELETE", ofLink) },
    { name: "a share of the owner", need: keeping, does: "changes", extras: ["share"], run: ocs("DELETE", ofShare) },
  ]),
  ...uses(`POST /ocs/v2.php${shares}/{id}/send-email`, [
    {
      name: "",
      need: keeping,
      does: "reads",
      extras: ["link"],
      run: ocs("POST", (scene) => `${ofLink(scene)}/send-email`),
    },
  ]),
  ...uses(`POST /ocs/v2.php${sharing}/deletedshares/{id}`, [
    {
      ...{ name: "of another", need: { rights: [], circle: "nobody" }, does: "changes", extras: ["share"] },
      run: ocs("POST", (scene) => `${sharing}/deletedshares/${scene.share}`),
    },
  ]),
  ...(["GET", "PUT", "DELETE"] as const).flatMap((method) =>
    uses(`${method} /ocs/v2.php/apps/files_downloadlimit/api/v1/{token}/limit`, [
      {
        // Of one's own links alone: the owner made it, and keeps the team folder too.
        ...{
          name: "",
          need: { rights: [], circle: "author" },
          does: method === "PUT" ? "changes" : "reads",
          extras: ["link"],
        },
        run: ocs(
          method,
          ({ link }) => `/apps/files_downloadlimit/api/v1/${link!.token}/limit`,
          () => ({ limit: "3" }),
        ),
      },
    ]),
  ),
];

function withStranger({ holder }: Scene): Record<string, string> {
  return { shareType: "0", shareWith: holder.world.people.stranger.uid, permissions: "1" };
}

const lock = ({ files }: Scene): string => `/apps/files_lock/lock/${files["a.txt"].fileId}`;
const activity = "/apps/activity/api/v2/activity";
const fileCalls: readonly Call[] = [
  ...uses("POST /ocs/v2.php/apps/dav/api/v1/direct", [
    {
      name: "",
      need: read,
      does: "reads",
      run: ocs(
        "POST",
        () => "/apps/dav/api/v1/direct",
        ({ files }) => ({ fileId: String(files["a.txt"].fileId) }),
      ),
    },
  ]),
  ...uses("PUT /ocs/v2.php/apps/files_lock/lock/{fileId}", [
    { name: "", need: write, does: "changes", run: ocs("PUT", lock) },
  ]),
  ...uses("DELETE /ocs/v2.php/apps/files_lock/lock/{fileId}", [
    {
      ...{ name: "of the owner's lock", need: { rights: [], circle: "author" }, does: "changes", extras: ["lock"] },
      run: ocs("DELETE", ({ files }) => `/apps/files_lock/lock/${files["c.txt"].fileId}`),
    },
  ]),
  ...uses("GET /ocs/v2.php/search/providers/files/search", [
    {
      ...{ name: "", need: read, does: "finds", shows: ({ holder }) => holder.root.name },
      run: ocs("GET", ({ holder }) => `/search/providers/files/search?term=${holder.root.name.slice(0, -1)}`),
    },
  ]),
  ...uses(`GET /ocs/v2.php${activity}`, [
    {
      name: "",
      need: read,
      does: "finds",
      shows: ({ holder }) => holder.root.name,
      run: ocs("GET", () => `${activity}?limit=200`),
    },
  ]),
  ...uses(`GET /ocs/v2.php${activity}/{filter}`, [
    {
      ...{ name: "of a file", need: read, does: "reads" },
      run: ocs("GET", ({ files }) => `${activity}/filter?object_type=files&object_id=${files["a.txt"].fileId}`),
    },
  ]),
];

/** A picture that the client says to have already is not drawn: what is asked is whether it may. */
const picture =
  (path: (scene: Scene) => string): Call["run"] =>
  (scene) =>
    client(scene, "GET", `/index.php${path(scene)}`, { "if-none-match": "*" });
const fileOf = (scene: Scene): string => encodeURIComponent(`${scene.path}/a.txt`);
const pictureCalls: readonly Call[] = [
  ...uses("GET /index.php/core/preview", [
    {
      name: "",
      need: read,
      does: "reads",
      run: picture(({ files }) => `/core/preview?fileId=${files["a.txt"].fileId}&x=64&y=64`),
    },
  ]),
  ...uses("GET /index.php/core/preview.png", [
    {
      name: "",
      need: read,
      does: "reads",
      run: picture((scene) => `/core/preview.png?file=${fileOf(scene)}&x=64&y=64`),
    },
  ]),
  ...uses("GET /index.php/apps/files/api/v1/thumbnail/{x}/{y}/{file*}", [
    {
      name: "",
      need: read,
      does: "reads",
      run: picture((scene) => `/apps/files/api/v1/thumbnail/64/64/${fileOf(scene)}`),
    },
  ]),
  ...uses("GET /index.php/apps/files_trashbin/preview", [
    {
      ...{ name: "", need: { rights: ["read", "delete"], circle: "space" }, does: "reads", extras: ["trash"] },
      run: picture(({ trashed }) => `/apps/files_trashbin/preview?fileId=${trashed!.fileId}&x=64&y=64`),
    },
  ]),
  ...uses("GET /index.php/apps/files_versions/preview", [
    {
      ...{ name: "", need: read, does: "reads", extras: ["version"] },
      run: picture(
        (scene) => `/apps/files_versions/preview?file=${fileOf(scene)}&version=${scene.version!.second}&x=64&y=64`,
      ),
    },
  ]),
  ...uses("GET /index.php/f/{fileId}", [
    {
      // It leads to the page of the file, or to the start.
      ...{ name: "", need: read, does: "finds", shows: ({ folder }) => `/folder/${folder.id}` },
      run: browser("GET", ({ folder }) => `/index.php/f/${folder.fileId}`),
    },
  ]),
];

export const ocsCalls: readonly Call[] = [...shareCalls, ...fileCalls, ...pictureCalls];
