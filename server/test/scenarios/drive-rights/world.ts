import { sql } from "kysely";
import type { Right } from "../../../src/domain/access/account-access.ts";
import { grantAccount } from "../../../src/domain/access/grant-account.ts";
import { addComment } from "../../../src/domain/drive/comments/write-comments.ts";
import { copyNode } from "../../../src/domain/drive/copy-node.ts";
import { createFolder } from "../../../src/domain/drive/create-folder.ts";
import { lockByHand } from "../../../src/domain/drive/locks/lock-by-hand.ts";
import type { DriveAccess, DriveDeps, DriveNode } from "../../../src/domain/drive/model.ts";
import { openDrive } from "../../../src/domain/drive/open-drive.ts";
import { readRootId } from "../../../src/domain/drive/read-root-id.ts";
import { createTag } from "../../../src/domain/drive/tags/manage-tags.ts";
import { setTagged } from "../../../src/domain/drive/tags/tag-nodes.ts";
import { trashNode } from "../../../src/domain/drive/trash-node.ts";
import { uploadFile } from "../../../src/domain/drive/upload-file.ts";
import { addGroupMembers } from "../../../src/domain/identity/add-group-members.ts";
import { openPortalSession, openServiceSession } from "../../../src/domain/identity/open-session.ts";
import { createPrincipalWithServices } from "../../../src/domain/lifecycle/create-principal-with-services.ts";
import { endShare } from "../../../src/domain/sharing/change-share.ts";
import { createShareLink } from "../../../src/domain/sharing/create-share-link.ts";
import type { LinkRight, ShareLink, SharerAccess, SharingDeps } from "../../../src/domain/sharing/model.ts";
import { unlockShareLink } from "../../../src/domain/sharing/resolve-share-link.ts";
import { shareNode } from "../../../src/domain/sharing/share-node.ts";
import { revokeShareLink } from "../../../src/domain/sharing/update-share-link.ts";
import { type DavSuite, startDavSuite } from "../../harness/dav-suite.ts";
import { createTownHall, type TownPerson } from "../../harness/town-hall.ts";
import type { Role } from "./roles.ts";

/** Stands in every file that is shared, and nowhere in a request: wherever it comes out, something was read. */
export const secret = "Quetzalcoatl";
export const linkPassword = "cloche-barrage";

/** Two communes, and everybody who may come. */
export class RightsWorld {
  readonly dav: DavSuite;
  readonly deps: DriveDeps & SharingDeps;
  readonly clientRoutes: string[];
  readonly browserRoutes: string[];
  readonly people: Record<
    "owner" | "colleague" | "member" | "third" | "abroad" | "stranger" | "farStranger" | "mayor" | "farMayor",
    TownPerson
  >;
  readonly group: { readonly organizationId: string; readonly principalId: string };
  readonly tagNumber: number;
  readonly #sessions = new Map<string, Promise<Record<string, string>>>();
  #template: Promise<DriveNode> | undefined;
  #count = 0;

  private constructor(
    given: Pick<RightsWorld, "dav" | "deps" | "clientRoutes" | "browserRoutes" | "people" | "group" | "tagNumber">,
  ) {
    this.dav = given.dav;
    this.deps = given.deps;
    this.clientRoutes = given.clientRoutes;
    this.browserRoutes = given.browserRoutes;
    this.people = given.people;
    this.group = given.group;
    this.tagNumber = given.tagNumber;
  }

  static async open(): Promise<RightsWorld> {
    const clientRoutes: string[] = [];
    const browserRoutes: string[] = [];
    const dav = await startDavSuite({
      settings: { BOUQUET_SHARING_ACROSS_ORGANIZATIONS: "all" },
      onClientRoute: ({ method, path }) => clientRoutes.push(`${method} ${path}`),
      onRoute: ({ service, method, path }) => service === "drive" && browserRoutes.push(`${method} ${path}`),
    });
    const deps = { ...dav.domain, sharing: { acrossOrganizations: "all" as const } };
    const other = await createTownHall(dav.domain, "Val-Perdu", "val.example");
    const administrator = { roles: ["member_administrator" as const] };
    const people = {
      owner: await dav.addPerson("Odile Maire"),
      colleague: await dav.addPerson("Colin Dupont"),
      member: await dav.addPerson("Maud Conseil"),
      third: await dav.addPerson("Tania Tiers"),
      stranger: await dav.addPerson("Serge Voisin"),
      mayor: await dav.hall.addPerson("Alice Gestion", administrator),
      abroad: await other.addPerson("Agathe Ailleurs"),
      farStranger: await other.addPerson("Fabien Loin"),
      farMayor: await other.addPerson("Aude Gestion", administrator),
    };
    const group = await createPrincipalWithServices(deps.store, dav.hall.organizationId, {
      ...{ kind: "group", displayName: "Conseil", address: "conseil@bourg.example", quotas: { mail: 0, files: 0 } },
    });
    await deps.store.transact((tx) => addGroupMembers(tx, group, [people.member.principalId]));
    const { number: tagNumber } = await createTag(deps.store, people.owner.viewer, "Voirie");
    return new RightsWorld({ dav, deps, clientRoutes, browserRoutes, people, group, tagNumber });
  }

  /** No name is in another, and none in an address that somebody guesses. */
  newName(start: string): string {
    const letters = [...String(1_000 + ++this.#count)].map((digit) => "abcdefghij"[Number(digit)]).join("");
    return `${start}-${letters}`;
  }

  /** Headers of a browser in which somebody is signed in. */
  signIn(person: TownPerson): Promise<Record<string, string>> {
    const known = this.#sessions.get(person.uid) ?? this.#openSession(person);
    this.#sessions.set(person.uid, known);
    return known;
  }

  async #openSession({ viewer, uid }: TownPerson): Promise<Record<string, string>> {
    const { identity } = this.dav.domain;
    const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
    const { familyId } = await openPortalSession(identity, viewer, client);
    const { token, csrfToken } = await openServiceSession(identity, { uid, familyId, service: "drive", client });
    return { cookie: `bouquet=${token}`, "x-bouquet-csrf": csrfToken };
  }

  /** What every scene is a copy of. */
  template(): Promise<DriveNode> {
    this.#template ??= this.#makeTemplate();
    return this.#template;
  }

  async #makeTemplate(): Promise<DriveNode> {
    const { access } = this.people.owner;
    const top = await createFolder(this.deps, access, {
      parentId: await readRootId(this.deps.store.read, access),
      name: "Modèle",
    });
    for (const name of ["a.txt", "b.txt", "c.txt"]) {
      await uploadFile(this.deps, access, { folderId: top.id, name }, Buffer.from(`${secret} in ${name}`));
    }
    await createFolder(this.deps, access, { parentId: top.id, name: "sub" });
    return top;
  }

  async openTeamFolder(rights: readonly Right[]): Promise<{ name: string; access: SharerAccess }> {
    const { owner, colleague } = this.people;
    const name = this.newName("Equipe");
    const team = await createPrincipalWithServices(this.deps.store, this.dav.hall.organizationId, {
      ...{ kind: "team_folder", displayName: name, quotas: { mail: 0, files: 1e9 } },
    });
    const keepers: readonly Right[] = ["read", "write", "create", "delete", "share", "manage"];
    await this.deps.store.transact(async (tx) => {
      await grantAccount(tx, team, owner, keepers);
      await grantAccount(tx, team, colleague, rights);
    });
    return { name, access: { ...team, rights: new Set(keepers), viewer: owner.viewer } };
  }

  close(): Promise<void> {
    return this.dav.close();
  }
}

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

let turns = 0;

/** Somebody in a role, and what was shared with them. */
export class Holder {
  readonly world: RightsWorld;
  readonly role: Role;
  /** Undefined: they have no name. */
  readonly person: TownPerson | undefined;
  /** By which its owner, or the keeper of a team folder, reaches it. */
  readonly place: SharerAccess;
  readonly root: DriveNode;
  readonly path: string;
  readonly token: string | undefined;
  readonly proof: string | undefined;
  /** Which of several addresses of the same are tried with this one. */
  readonly turn: number;

  private constructor(
    given: Pick<Holder, "world" | "role" | "person" | "place" | "root" | "path" | "token" | "proof">,
  ) {
    this.world = given.world;
    this.role = given.role;
    this.person = given.person;
    this.place = given.place;
    this.root = given.root;
    this.path = given.path;
    this.token = given.token;
    this.proof = given.proof;
    this.turn = ++turns;
  }

  static async open(world: RightsWorld, role: Role): Promise<Holder> {
    const { deps, people } = world;
    const { owner } = people;
    const team = role.way === "team" ? await world.openTeamFolder(role.rights) : undefined;
    const place: SharerAccess = team?.access ?? { ...owner.access, viewer: owner.viewer };
    const name = world.newName("Zephyr");
    const root = await createFolder(deps, place, { parentId: await readRootId(deps.store.read, place), name });
    const given = {
      world,
      role,
      place,
      root,
      path: team ? `/${team.name}/${name}` : `/${name}`,
      token: undefined,
      proof: undefined,
    };
    switch (role.way) {
      case "owner":
        return new Holder({ ...given, person: owner });
      case "team":
        return new Holder({ ...given, person: people.colleague });
      case "nobody":
        return new Holder({ ...given, person: undefined });
      case "stranger": {
        const [here, far] = role.isAdministrator
          ? [people.mayor, people.farMayor]
          : [people.stranger, people.farStranger];
        return new Holder({ ...given, person: role.isAbroad ? far : here });
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
        return new Holder({ ...given, person });
      }
      case "link":
        return new Holder({ ...given, person: undefined, ...(await openLink(world, role, place, root)) });
    }
  }

  /** A folder of its own for a try that may change something. */
  async makeScene(wanted: readonly Extra[]): Promise<Scene> {
    const { deps, tagNumber, people } = this.world;
    const template = await this.world.template();
    const from: DriveAccess = people.owner.access;
    const name = this.world.newName("Scene");
    const folder = await copyNode(deps, from, template.id, this.place, { parentId: this.root.id, name });
    const rows = await deps.store.read
      .selectFrom("drive_node")
      .select(["id", "file_id", "name"])
      .where("organization_id", "=", this.place.organizationId)
      .where("parent_id", "=", folder.id)
      .execute();
    const files = Object.fromEntries(
      rows.map((row) => [row.name, { id: row.id, fileId: row.file_id }]),
    ) as Scene["files"];
    const a = files["a.txt"];
    const { viewer } = this.place as SharerAccess & { viewer: TownPerson["viewer"] };
    const scene: { -readonly [K in keyof Scene]: Scene[K] } = {
      holder: this,
      folder,
      files,
      path: `${this.path}/${name}`,
    };
    for (const extra of wanted) {
      switch (extra) {
        case "version": {
          const { rows: versions } = await sql<{
            id: string;
            second: number;
          }>`SELECT id, floor(extract(epoch FROM created_at))::bigint AS second
            FROM file_version WHERE node_id = ${a.id}`.execute(deps.store.read);
          // Not of the same second as the next one, which clients would tell by more than that.
          const old = { ...versions[0]!, second: versions[0]!.second - 60 };
          await deps.store.transact((tx) =>
            sql`UPDATE file_version SET created_at = created_at - interval '60 seconds' WHERE node_id = ${a.id}`.execute(
              tx,
            ),
          );
          await uploadFile(
            deps,
            this.place,
            { folderId: folder.id, name: "a.txt", onConflict: "replace" },
            Buffer.from(`${secret} again`),
          );
          scene.version = old;
          break;
        }
        case "comment": {
          const on = {
            node: { ...folder, id: a.id, file_id: a.fileId, organization_id: this.place.organizationId },
            names: [],
          };
          const { number } = await addComment(
            deps,
            viewer,
            on as unknown as Parameters<typeof addComment>[2],
            `${secret} said`,
          );
          scene.comment = number;
          break;
        }
        case "tag": {
          const on = { node: { id: a.id, organization_id: this.place.organizationId }, access: this.place };
          await setTagged(deps, viewer, on as unknown as Parameters<typeof setTagged>[2], tagNumber, true);
          break;
        }
        case "trash": {
          const gone = this.world.newName("Gone");
          const { node } = await uploadFile(
            deps,
            this.place,
            { folderId: folder.id, name: gone },
            Buffer.from(`${secret} gone`),
          );
          await trashNode(deps, this.place, node.id);
          const [removed] = (
            await sql<{
              second: number;
            }>`SELECT floor(extract(epoch FROM removed_at))::bigint AS second FROM drive_node WHERE id = ${node.id}`.execute(
              deps.store.read,
            )
          ).rows;
          scene.trashed = { id: node.id, fileId: node.fileId, name: `${gone}.d${removed!.second}` };
          break;
        }
        case "link":
          scene.link = await createShareLink(deps, this.place, folder.id, { recipient: "paul@dehors.example" });
          break;
        case "share": {
          const { number } = await shareNode(deps, this.place, folder.id, people.third, { rights: new Set(["read"]) });
          scene.share = number;
          break;
        }
        case "lock":
          await lockByHand(deps, this.place, files["c.txt"].id);
      }
    }
    return scene;
  }

  /** All that a try may change: names, content, versions, properties, comments, tags, locks, the trash, and with whom it is shared. */
  async stateOf(scene: Scene): Promise<string> {
    const isRequest = this.role.way === "link" && !this.role.rights.includes("read");
    const top = isRequest ? this.root.id : scene.folder.id;
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
      ORDER BY line`.execute(this.world.deps.store.read);
    return rows.map((row) => row.line).join("\n");
  }
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
