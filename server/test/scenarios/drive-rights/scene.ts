import { sql } from "kysely";
import { addComment } from "../../../src/domain/drive/comments/write-comments.ts";
import { copyNode } from "../../../src/domain/drive/copy-node.ts";
import { createFolder } from "../../../src/domain/drive/create-folder.ts";
import { findPlaceByFileId, type Place } from "../../../src/domain/drive/drive-place.ts";
import { lockByHand } from "../../../src/domain/drive/locks/lock-by-hand.ts";
import type { DriveNode } from "../../../src/domain/drive/model.ts";
import { openDrive } from "../../../src/domain/drive/open-drive.ts";
import { readRootId } from "../../../src/domain/drive/read-root-id.ts";
import { setTagged } from "../../../src/domain/drive/tags/tag-nodes.ts";
import { trashNode } from "../../../src/domain/drive/trash-node.ts";
import { uploadFile } from "../../../src/domain/drive/upload-file.ts";
import { endShare } from "../../../src/domain/sharing/change-share.ts";
import { createShareLink } from "../../../src/domain/sharing/create-share-link.ts";
import type { LinkRight, ShareLink, SharerAccess } from "../../../src/domain/sharing/model.ts";
import { unlockShareLink } from "../../../src/domain/sharing/resolve-share-link.ts";
import { shareNode } from "../../../src/domain/sharing/share-node.ts";
import { revokeShareLink } from "../../../src/domain/sharing/update-share-link.ts";
import type { TownPerson } from "../../harness/town-hall.ts";
import type { Role } from "./roles.ts";
import { linkPassword, type RightsWorld, secret } from "./world.ts";

/** What stands in a scene beside its files, made where it is needed. */
export const extras = ["version", "comment", "tag", "trash", "link", "share", "lock"] as const;
export type Extra = (typeof extras)[number];

/** What one try is about: a folder within what is shared. */
export interface Scene {
  readonly holder: Holder;
  readonly folder: DriveNode;
  readonly files: Readonly<
    Record<"a.txt" | "b.txt" | "c.txt" | "sub", { readonly id: string; readonly fileId: number }>
  >;
  /** From the root of who comes. */
  readonly path: string;
  /** Of `a.txt`, the one before. */
  readonly version?: { readonly id: string; readonly second: number };
  readonly comment?: number;
  readonly trashed?: { readonly id: string; readonly fileId: number; readonly name: string };
  readonly link?: ShareLink;
  readonly share?: number;
}

/** Somebody in a role, and what was shared with them. */
export interface Holder {
  readonly world: RightsWorld;
  readonly role: Role;
  /** Of the space; of a team folder, who keeps it. */
  readonly owner: TownPerson;
  /** Undefined: they have no name. */
  readonly person: TownPerson | undefined;
  /** By which the owner reaches it. */
  readonly place: SharerAccess;
  readonly root: DriveNode;
  /** As who comes sees it. */
  readonly path: string;
  readonly token?: string;
  readonly proof?: string | undefined;
  /** Which of several addresses of the same are tried with this one. */
  readonly turn: number;
}

let turns = 0;

/** Shares something of its own with somebody in a role. */
export async function openHolder(world: RightsWorld, role: Role): Promise<Holder> {
  const { deps, people } = world;
  // Whoever empties the trash of a whole space does it alone.
  const owner = role.way === "owner" ? people.landlady : people.owner;
  const team = role.way === "team" ? await world.openTeamFolder(role.rights) : undefined;
  const place: SharerAccess = team?.access ?? { ...owner.access, viewer: owner.viewer };
  const name = world.newName("Zephyr");
  const root = await createFolder(deps, place, { parentId: await readRootId(deps.store.read, place), name });
  const path = team ? `/${team.name}/${name}` : `/${name}`;
  const given = { world, role, owner, place, root, path, turn: ++turns };
  switch (role.way) {
    case "owner":
      return { ...given, person: owner };
    case "team":
      return { ...given, person: people.colleague };
    case "nobody":
      return { ...given, person: undefined };
    case "stranger": {
      const [here, far] = role.isAdministrator
        ? [people.mayor, people.farMayor]
        : [people.stranger, people.farStranger];
      return { ...given, person: role.isAbroad ? far : here };
    }
    case "user":
    case "group":
    case "abroad": {
      const person = { user: people.colleague, group: people.member, abroad: people.abroad }[role.way];
      const grantee = role.way === "group" ? world.group : person;
      const share = await shareNode(deps, place, root.id, grantee, { rights: new Set(role.rights) });
      await openDrive(deps, person.viewer);
      if (role.ended === "revoked") await endShare(deps, owner.viewer, share.number);
      if (role.ended === "expired") await expireGrant(world, share.grantId);
      return { ...given, person };
    }
    case "link":
      return { ...given, person: undefined, ...(await openLink(world, role, place, root)) };
  }
}

/** A folder of its own for a try that may change something. */
export async function makeScene(holder: Holder, wanted: readonly Extra[]): Promise<Scene> {
  const { world, place, root } = holder;
  const { deps, people } = world;
  const template = await world.template();
  const name = world.newName("Scene");
  const folder = await copyNode(deps, people.owner.access, template.id, place, { parentId: root.id, name });
  const rows = await deps.store.read
    .selectFrom("drive_node")
    .select(["id", "file_id", "name"])
    .where("organization_id", "=", place.organizationId)
    .where("parent_id", "=", folder.id)
    .execute();
  const files = Object.fromEntries(rows.map((row) => [row.name, { id: row.id, fileId: row.file_id }]));
  let scene: Scene = { holder, folder, files: files as Scene["files"], path: `${holder.path}/${name}` };
  for (const extra of wanted) scene = { ...scene, ...(await makeExtra[extra](scene)) };
  return scene;
}

const makeExtra: Readonly<Record<Extra, (scene: Scene) => Promise<Partial<Scene>>>> = {
  async version({ holder: { world, place }, folder, files }) {
    const { deps } = world;
    // Not of the same second as the next one, which clients would tell by more than that.
    const { rows } = await deps.store.transact((tx) =>
      sql<{ id: string; second: number }>`UPDATE file_version SET created_at = created_at - interval '60 seconds'
        WHERE node_id = ${files["a.txt"].id} RETURNING id, floor(extract(epoch FROM created_at))::bigint AS second`.execute(
        tx,
      ),
    );
    const upload = { folderId: folder.id, name: "a.txt", onConflict: "replace" as const };
    await uploadFile(deps, place, upload, Buffer.from(`${secret} again`));
    return { version: rows[0]! };
  },
  async comment({ holder: { world, owner }, files }) {
    const place = await placeOf(world, owner, files["a.txt"].fileId);
    const { number } = await addComment(world.deps, owner.viewer, place, `${secret} said`);
    return { comment: number };
  },
  async tag({ holder: { world, owner }, files }) {
    const place = await placeOf(world, owner, files["a.txt"].fileId);
    await setTagged(world.deps, owner.viewer, place, world.tagNumber, true);
    return {};
  },
  async trash({ holder: { world, place }, folder }) {
    const { deps } = world;
    const name = world.newName("Gone");
    const { node } = await uploadFile(deps, place, { folderId: folder.id, name }, Buffer.from(`${secret} gone`));
    await trashNode(deps, place, node.id);
    const { rows } = await sql<{ second: number }>`
      SELECT floor(extract(epoch FROM removed_at))::bigint AS second FROM drive_node WHERE id = ${node.id}`.execute(
      deps.store.read,
    );
    return { trashed: { id: node.id, fileId: node.fileId, name: `${name}.d${rows[0]!.second}` } };
  },
  async link({ holder: { world, place }, folder }) {
    return { link: await createShareLink(world.deps, place, folder.id, { recipient: "paul@dehors.example" }) };
  },
  async share({ holder: { world, place }, folder }) {
    const share = await shareNode(world.deps, place, folder.id, world.people.third, { rights: new Set(["read"]) });
    return { share: share.number };
  },
  async lock({ holder: { world, place }, files }) {
    await lockByHand(world.deps, place, files["c.txt"].id);
    return {};
  },
};

async function placeOf({ deps }: RightsWorld, owner: TownPerson, fileId: number): Promise<Place> {
  const place = await findPlaceByFileId(deps.store.read, await openDrive(deps, owner.viewer), fileId);
  return place!;
}

/** All that a try may change: names, content, versions, properties, comments, tags, locks, the trash, and with whom it is shared. */
export async function stateOf(scene: Scene): Promise<string> {
  const { world, role, root } = scene.holder;
  const isRequest = role.way === "link" && !role.rights.includes("read");
  const top = isRequest ? root.id : scene.folder.id;
  const { rows } = await sql<{ line: string }>`
    WITH RECURSIVE tree AS (
      SELECT n.*, '' AS path FROM drive_node n WHERE n.id = ${top}::uuid
      UNION ALL
      SELECT n.*, t.path || '/' || n.name FROM tree t JOIN drive_node n ON n.organization_id = t.organization_id
        AND (n.parent_id = t.id OR n.removed_from = t.id)
    )
    SELECT path || ' ' || state || ' ' || coalesce(version_id::text, 'folder') || ' ' || coalesce(parent_id::text, '') || ' ' || modified_at
      || (SELECT count(*) FROM node_property p WHERE p.node_id = tree.id)
      || coalesce((SELECT string_agg(l.id::text, ',' ORDER BY l.id) FROM node_lock l WHERE l.node_id = tree.id), '')
      || coalesce((SELECT string_agg(v.id || coalesce(v.label, '') || coalesce(v.removed_at::text, ''), ',' ORDER BY v.id)
          FROM file_version v WHERE v.node_id = tree.id), '')
      || coalesce((SELECT string_agg(c.number || c.text, ',' ORDER BY c.number) FROM node_comment c WHERE c.node_id = tree.id), '')
      || coalesce((SELECT string_agg(g.tag_number::text, ',' ORDER BY g.tag_number) FROM node_tagging g WHERE g.node_id = tree.id), '')
      AS line FROM tree
    UNION ALL
    SELECT 'grant ' || g.grantee_id || ' ' || array_to_string(g.rights, ',') || coalesce(g.note, '')
      FROM grant_given g JOIN tree ON g.collection_id = tree.id
    UNION ALL
    SELECT 'link ' || l.id || ' ' || coalesce(l.label, '') || coalesce(l.revoked_at::text, '') || coalesce(l.download_limit::text, '')
      FROM share_link l JOIN tree ON l.node_id = tree.id
    ORDER BY line`.execute(world.deps.store.read);
  return rows.map((row) => row.line).join("\n");
}

async function expireGrant({ deps }: RightsWorld, grantId: string): Promise<void> {
  await deps.store.transact(async (tx) => {
    await sql`UPDATE grant_given SET expires_at = now() - interval '1 second' WHERE id = ${grantId}`.execute(tx);
    await sql`UPDATE grant_received SET expires_at = now() - interval '1 second' WHERE grant_id = ${grantId}`.execute(
      tx,
    );
  });
}

async function openLink(
  world: RightsWorld,
  role: Role,
  place: SharerAccess,
  root: DriveNode,
): Promise<{ token: string; proof: string | undefined }> {
  const { deps, people } = world;
  const { isViewOnly, password, hasLimit } = role.link ?? {};
  const link = await createShareLink(deps, place, root.id, {
    rights: new Set(role.rights as LinkRight[]),
    mayDownload: !isViewOnly,
    ...(password && { password: linkPassword }),
    ...(hasLimit && { downloadLimit: 1_000 }),
  });
  const token = link.token!;
  const visit = { token, remoteAddress: "127.0.0.1" };
  const proof = password === "given" ? (await unlockShareLink(deps, visit, linkPassword)).proof : undefined;
  if (role.ended === "revoked") await revokeShareLink(deps, people.owner.viewer, link.id);
  if (role.ended === "expired" || role.ended === "used up") {
    const change =
      role.ended === "expired" ? sql`expires_at = now() - interval '1 second'` : sql`download_count = download_limit`;
    await deps.store.transact((tx) => sql`UPDATE share_link SET ${change} WHERE id = ${link.id}`.execute(tx));
  }
  return { token, proof };
}
