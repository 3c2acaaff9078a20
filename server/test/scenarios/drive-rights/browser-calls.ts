import { sql } from "kysely";
import { readRootId } from "../../../src/domain/drive/read-root-id.ts";
import { batch, browser, type Call, uses } from "./call.ts";
import type { Scene } from "./scene.ts";

const read = { rights: ["read"] } as const;
const write = { rights: ["read", "write"] } as const;
const create = { rights: ["read", "create"] } as const;
const remove = { rights: ["read", "delete"] } as const;
const share = { rights: ["read", "share"] } as const;
const keeping = { rights: ["read", "share"], circle: "space" } as const;
const inSpace = { rights: ["read"], circle: "space" } as const;
const all = { rights: ["read", "write", "create", "delete"] } as const;

const a = ({ files }: Scene): string => files["a.txt"].id;
const ids = (scene: Scene): { ids: string[] } => ({ ids: [a(scene)] });
const accountOf = ({ holder }: Scene): string => holder.place.accountId;
/** Of who comes; strangers put into it what they can get. */
const ownRoot = async ({ holder }: Scene): Promise<string> =>
  holder.person ? readRootId(holder.world.deps.store.read, holder.person.access) : holder.root.id;

const nodeCalls: readonly Call[] = [
  ...uses("GET /api/drive/spaces", [
    { name: "", need: inSpace, does: "finds", shows: accountOf, run: browser("GET", () => "/api/drive/spaces") },
  ]),
  ...uses("GET /api/drive/usage", [
    {
      name: "",
      need: inSpace,
      does: "reads",
      run: browser("GET", (scene) => `/api/drive/usage?accountId=${accountOf(scene)}`),
    },
  ]),
  ...uses("GET /api/drive/search", [
    {
      ...{ name: "", need: inSpace, does: "finds", shows: ({ holder }) => holder.root.id },
      run: browser("GET", ({ holder }) => `/api/drive/search?q=${holder.root.name}`),
    },
    {
      ...{ name: "in a space", need: inSpace, does: "reads" },
      run: browser("GET", (scene) => `/api/drive/search?q=${scene.holder.root.name}&accountId=${accountOf(scene)}`),
    },
  ]),
  ...uses("GET /api/drive/recent", [
    { name: "", need: inSpace, does: "finds", shows: accountOf, run: browser("GET", () => "/api/drive/recent") },
  ]),
  ...uses("GET /api/drive/folders/:id", [
    { name: "", need: read, does: "reads", run: browser("GET", ({ folder }) => `/api/drive/folders/${folder.id}`) },
  ]),
  ...uses("POST /api/drive/folders/:id/weigh", [
    {
      ...{ name: "", need: read, does: "reads" },
      run: browser(
        "POST",
        ({ folder }) => `/api/drive/folders/${folder.id}/weigh`,
        () => ({ paths: ["n.txt"] }),
      ),
    },
  ]),
  ...uses("POST /api/drive/folders/:id/folders", [
    {
      name: "",
      need: create,
      does: "changes",
      run: browser(
        "POST",
        ({ folder }) => `/api/drive/folders/${folder.id}/folders`,
        () => ({ name: "n" }),
      ),
    },
  ]),
  ...uses("PUT /api/drive/folders/:id/files/:name", [
    {
      name: "a new one",
      need: create,
      does: "changes",
      run: browser(
        "PUT",
        ({ folder }) => `/api/drive/folders/${folder.id}/files/n.txt`,
        () => "new",
      ),
    },
    {
      ...{ name: "over a file", need: write, does: "changes" },
      run: browser(
        "PUT",
        ({ folder }) => `/api/drive/folders/${folder.id}/files/a.txt?onConflict=replace`,
        () => "new",
      ),
    },
  ]),
  ...uses("GET /api/drive/nodes/:id", [
    { name: "", need: read, does: "reads", run: browser("GET", (scene) => `/api/drive/nodes/${a(scene)}`) },
  ]),
  ...uses("PATCH /api/drive/nodes/:id", [
    {
      name: "",
      need: write,
      does: "changes",
      run: browser(
        "PATCH",
        (scene) => `/api/drive/nodes/${a(scene)}`,
        () => ({ name: "n.txt" }),
      ),
    },
  ]),
  ...uses("POST /api/drive/nodes/move", [
    {
      ...{ name: "to another folder", need: all, does: "changes" },
      run: batch("POST", "/api/drive/nodes/move", (scene) => ({ ...ids(scene), folderId: scene.files.sub.id })),
    },
    {
      ...{ name: "to one's own drive", need: { rights: ["read", "write", "delete"] }, does: "changes" },
      run: async (scene) => {
        const folderId = await ownRoot(scene);
        return batch("POST", "/api/drive/nodes/move", () => ({ ...ids(scene), folderId, onConflict: "rename" }))(scene);
      },
    },
  ]),
  ...uses("POST /api/drive/nodes/copy", [
    {
      ...{ name: "", need: create, does: "changes" },
      run: batch("POST", "/api/drive/nodes/copy", (scene) => ({ ...ids(scene), folderId: scene.files.sub.id })),
    },
    {
      ...{ name: "to one's own drive", need: read, does: "reads" },
      run: async (scene) => {
        const folderId = await ownRoot(scene);
        return batch("POST", "/api/drive/nodes/copy", () => ({ ...ids(scene), folderId, onConflict: "rename" }))(scene);
      },
    },
  ]),
  ...uses("POST /api/drive/nodes/trash", [
    { name: "", need: remove, does: "changes", run: batch("POST", "/api/drive/nodes/trash", ids) },
  ]),
  ...uses("POST /api/drive/nodes/weigh", [
    {
      // A number of files: of spaces that are not open, 0.
      ...{ name: "", need: inSpace, does: "finds", shows: () => '"files":1' },
      run: browser(
        "POST",
        () => "/api/drive/nodes/weigh",
        (scene) => ({ ...ids(scene), act: "trash" }),
      ),
    },
  ]),
  ...uses(`GET /api/drive/files/:id/content`, [
    {
      name: "",
      need: read,
      does: "reads",
      run: browser("GET", (scene) => `/api/drive/files/${a(scene)}/content`),
    },
    {
      ...{ name: "of a version", need: read, does: "reads", extras: ["version"] },
      run: browser("GET", (scene) => `/api/drive/files/${a(scene)}/content?version=${scene.version!.id}`),
    },
  ]),
  ...uses(`GET /api/drive/archive`, [
    {
      name: "",
      need: read,
      does: "reads",
      run: browser("GET", ({ folder }) => `/api/drive/archive?ids=${folder.id}`),
    },
  ]),
  ...uses(`GET /api/drive/files/:id/preview`, [
    // Of a folder there is none: what is asked is whether that is told.
    {
      name: "",
      need: read,
      does: "reads",
      run: seen(browser("GET", ({ files }) => `/api/drive/files/${files.sub.id}/preview`)),
    },
  ]),
];

/** 409 for a folder is an answer for who sees it. */
function seen(run: Call["run"]): Call["run"] {
  return async (scene) => {
    const answer = await run(scene);
    return answer.status === 409 ? { ...answer, status: 200 } : answer;
  };
}

const versionCalls: readonly Call[] = [
  ...uses("GET /api/drive/files/:id/versions", [
    { name: "", need: read, does: "reads", run: browser("GET", (scene) => `/api/drive/files/${a(scene)}/versions`) },
  ]),
  ...uses("PATCH /api/drive/files/:id/versions/:versionId", [
    {
      ...{ name: "", need: write, does: "changes", extras: ["version"] },
      run: browser(
        "PATCH",
        (scene) => `/api/drive/files/${a(scene)}/versions/${scene.version!.id}`,
        () => ({ label: "x" }),
      ),
    },
  ]),
  ...uses("POST /api/drive/files/:id/versions/:versionId/restore", [
    {
      ...{ name: "", need: write, does: "changes", extras: ["version"] },
      run: browser("POST", (scene) => `/api/drive/files/${a(scene)}/versions/${scene.version!.id}/restore`),
    },
  ]),
];

const trashed = ({ trashed }: Scene) => ({ ids: [trashed!.id] });
const trashCalls: readonly Call[] = [
  ...uses("GET /api/drive/trash", [
    {
      ...{ name: "", need: inSpace, does: "reads", extras: ["trash"] },
      run: browser("GET", (scene) => `/api/drive/trash?accountId=${accountOf(scene)}`),
    },
  ]),
  ...uses("POST /api/drive/trash/restore", [
    {
      ...{ name: "", need: { ...create, circle: "space" }, does: "changes", extras: ["trash"] },
      run: batch("POST", "/api/drive/trash/restore", trashed),
    },
  ]),
  ...uses("POST /api/drive/trash/delete", [
    {
      ...{ name: "", need: { ...remove, circle: "space" }, does: "changes", extras: ["trash"] },
      run: batch("POST", "/api/drive/trash/delete", trashed),
    },
  ]),
];

const turning = { ...all, circle: "space" } as const;
const recoveryCalls: readonly Call[] = [
  ...uses("POST /api/drive/folders/:id/rollback/preview", [
    {
      ...{ name: "", need: turning, does: "reads" },
      run: browser(
        "POST",
        ({ holder }) => `/api/drive/folders/${holder.root.id}/rollback/preview`,
        () => ({ at: new Date().toISOString() }),
      ),
    },
  ]),
  ...uses("POST /api/drive/folders/:id/rollback", [
    {
      // With the state of no preview it is refused to those who may, too, by another word.
      ...{ name: "", need: turning, does: "reads" },
      run: stale(
        browser(
          "POST",
          ({ holder }) => `/api/drive/folders/${holder.root.id}/rollback`,
          () => ({ at: new Date().toISOString(), state: 0 }),
        ),
      ),
    },
  ]),
  ...uses("GET /api/drive/pauses", [
    {
      name: "",
      need: { rights: [], circle: "deciders" },
      does: "finds",
      shows: deviceName,
      run: paused(browser("GET", () => "/api/drive/pauses")),
    },
  ]),
  ...uses("POST /api/drive/pauses/allow", [
    {
      name: "",
      need: { rights: [], circle: "deciders" },
      does: "reads",
      run: paused(browser("POST", () => "/api/drive/pauses/allow", deviceOf)),
    },
  ]),
  ...uses("POST /api/drive/pauses/rollback/preview", [
    {
      ...{ name: "", need: { rights: [], circle: "deciders" }, does: "reads" },
      run: paused(browser("POST", () => "/api/drive/pauses/rollback/preview", deviceOf)),
    },
  ]),
  ...uses("POST /api/drive/pauses/rollback", [
    {
      ...{ name: "", need: { rights: [], circle: "deciders" }, does: "reads" },
      run: paused(
        stale(
          browser(
            "POST",
            () => "/api/drive/pauses/rollback",
            (scene) => ({ ...deviceOf(scene), state: 0 }),
          ),
        ),
      ),
    },
  ]),
];

/** « Something changed meanwhile » is for who may. */
function stale(run: Call["run"]): Call["run"] {
  return async (scene) => {
    const answer = await run(scene);
    return answer.status === 409 || answer.status === 412 ? { ...answer, status: 200 } : answer;
  };
}

function deviceName({ folder }: Scene): string {
  return `PC of ${folder.name}`;
}

function deviceOf(scene: Scene): { accountId: string; deviceId: string } {
  return { accountId: accountOf(scene), deviceId: scene.folder.id };
}

/** A device of a third person waits for a decision about the space of the scene, and no more after it. */
function paused(run: Call["run"]): Call["run"] {
  return async (scene) => {
    const { deps, people } = scene.holder.world;
    const { organizationId, accountId } = scene.holder.place;
    await deps.store.transact((tx) =>
      sql`INSERT INTO device_pause (organization_id, account_id, device_id, device_organization_id, principal_id, device_name, before,
          files_changed, files_total, since_modseq)
        VALUES (${organizationId}, ${accountId}, ${scene.folder.id}, ${people.third.organizationId}, ${people.third.principalId},
          ${deviceName(scene)}, now() - interval '1 minute', 1, 1, 1000000000)`.execute(tx),
    );
    try {
      return await run(scene);
    } finally {
      await deps.store.transact((tx) => sql`DELETE FROM device_pause WHERE device_id = ${scene.folder.id}`.execute(tx));
    }
  };
}

const link = "/api/drive/links/:id";
const ofLink = (scene: Scene): string => `/api/drive/links/${scene.link!.id}`;
const ofShare = (scene: Scene): string => `/api/drive/shares/${scene.share}`;
const links = ({ folder }: Scene): string => `/api/drive/nodes/${folder.id}/links`;
const shares = ({ folder }: Scene): string => `/api/drive/nodes/${folder.id}/shares`;
const ofAdministrators = { rights: [], circle: "administrators" } as const;
const sharingCalls: readonly Call[] = [
  ...uses("GET /api/drive/links", [
    {
      ...{
        name: "",
        need: { rights: [], circle: "author" },
        does: "finds",
        extras: ["link"],
        shows: ({ link }) => link!.token!,
      },
      run: browser("GET", () => "/api/drive/links"),
    },
  ]),
  ...uses("GET /api/drive/nodes/:id/links", [
    { name: "", need: read, does: "reads", run: browser("GET", links) },
    {
      name: "the address",
      need: keeping,
      does: "finds",
      extras: ["link"],
      shows: ({ link }) => link!.token!,
      run: browser("GET", links),
    },
  ]),
  ...uses("POST /api/drive/nodes/:id/links", [
    { name: "", need: share, does: "changes", run: browser("POST", links, () => ({})) },
    {
      ...{ name: "that allows more than one may", need: { rights: [...all.rights, "share"] }, does: "changes" },
      run: browser("POST", links, () => ({ rights: all.rights })),
    },
  ]),
  ...uses(`PATCH ${link}`, [
    {
      name: "",
      need: keeping,
      does: "changes",
      extras: ["link"],
      run: browser("PATCH", ofLink, () => ({ label: "x" })),
    },
  ]),
  ...uses(`DELETE ${link}`, [
    { name: "", need: keeping, does: "changes", extras: ["link"], run: browser("DELETE", ofLink) },
  ]),
  ...uses(`GET ${link}/visits`, [
    {
      name: "",
      need: keeping,
      does: "reads",
      extras: ["link"],
      run: browser("GET", (scene) => `${ofLink(scene)}/visits`),
    },
  ]),
  ...uses(`POST ${link}/mail`, [
    {
      name: "",
      need: keeping,
      does: "reads",
      extras: ["link"],
      run: browser("POST", (scene) => `${ofLink(scene)}/mail`),
    },
  ]),
  ...uses("GET /api/drive/nodes/:id/shares", [
    { name: "", need: read, does: "reads", run: browser("GET", shares) },
    {
      ...{ name: "with whom else", need: keeping, does: "finds", extras: ["share"], run: browser("GET", shares) },
      shows: ({ holder }) => holder.world.people.third.uid,
    },
  ]),
  ...uses("POST /api/drive/nodes/:id/shares", [
    {
      ...{ name: "", need: share, does: "changes" },
      run: browser("POST", shares, ({ holder }) => ({ uid: holder.world.people.stranger.uid, rights: ["read"] })),
    },
    {
      ...{ name: "more than one may", need: { rights: [...all.rights, "share"] }, does: "changes" },
      run: browser("POST", shares, ({ holder }) => ({ uid: holder.world.people.stranger.uid, rights: all.rights })),
    },
  ]),
  ...uses("PATCH /api/drive/shares/:number", [
    {
      name: "",
      need: keeping,
      does: "changes",
      extras: ["share"],
      run: browser("PATCH", ofShare, () => ({ note: "x" })),
    },
  ]),
  ...uses("DELETE /api/drive/shares/:number", [
    { name: "", need: keeping, does: "changes", extras: ["share"], run: browser("DELETE", ofShare) },
  ]),
  ...uses("POST /api/drive/shares/restore", [
    {
      ...{ name: "what the owner ended", need: { rights: [], circle: "author" }, does: "reads", extras: ["share"] },
      run: async (scene) => {
        const { owner } = scene.holder;
        const byOwner = { ...scene, holder: { ...scene.holder, person: owner } };
        const { undo } = JSON.parse((await browser("DELETE", ofShare)(byOwner)).body) as { undo: string };
        const restore = browser(
          "POST",
          () => "/api/drive/shares/restore",
          () => ({ undo }),
        );
        const answer = await restore(scene);
        if (answer.status >= 300) await restore(byOwner);
        return answer;
      },
    },
  ]),
  ...uses("GET /api/drive/shared", [
    {
      // What one's own team shares is on the page of who shares it.
      ...{
        name: "by me",
        need: { rights: [], circle: "author" },
        does: "finds",
        extras: ["share"],
        shows: ({ folder }) => folder.id,
      },
      run: browser("GET", () => "/api/drive/shared"),
    },
  ]),
  ...uses("GET /api/drive/organization/shared", [
    {
      ...{ name: "", need: ofAdministrators, does: "finds", extras: ["link"], shows: ({ link }) => link!.id },
      run: browser("GET", () => "/api/drive/organization/shared"),
    },
  ]),
  ...uses("DELETE /api/drive/organization/links/:id", [
    {
      ...{ name: "", need: ofAdministrators, does: "changes", extras: ["link"] },
      run: browser("DELETE", (scene) => `/api/drive/organization/links/${scene.link!.id}`),
    },
  ]),
  ...uses("DELETE /api/drive/organization/shares/:number", [
    {
      ...{ name: "", need: ofAdministrators, does: "changes", extras: ["share"] },
      run: browser("DELETE", (scene) => `/api/drive/organization/shares/${scene.share}`),
    },
  ]),
];

/** Of the whole space: after it, other scenes are not what they were. */
const emptying: readonly Call[] = [
  ...uses("POST /api/drive/trash/empty", [
    {
      ...{ name: "", need: { ...remove, circle: "space" }, does: "changes", extras: ["trash"], goesFurther: true },
      run: browser(
        "POST",
        () => "/api/drive/trash/empty",
        (scene) => ({ accountId: accountOf(scene) }),
      ),
    },
  ]),
];

export const browserCalls: readonly Call[] = [
  ...nodeCalls,
  ...versionCalls,
  ...trashCalls,
  ...recoveryCalls,
  ...sharingCalls,
  ...emptying,
];
