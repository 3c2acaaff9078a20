import type { Right } from "../../../src/domain/access/account-access.ts";
import { grantAccount } from "../../../src/domain/access/grant-account.ts";
import { createFolder } from "../../../src/domain/drive/create-folder.ts";
import type { DriveDeps, DriveNode } from "../../../src/domain/drive/model.ts";
import { readRootId } from "../../../src/domain/drive/read-root-id.ts";
import { createTag } from "../../../src/domain/drive/tags/manage-tags.ts";
import { uploadFile } from "../../../src/domain/drive/upload-file.ts";
import { addGroupMembers } from "../../../src/domain/identity/add-group-members.ts";
import { openPortalSession, openServiceSession } from "../../../src/domain/identity/open-session.ts";
import { createPrincipalWithServices } from "../../../src/domain/lifecycle/create-principal-with-services.ts";
import type { SharerAccess, SharingDeps } from "../../../src/domain/sharing/model.ts";
import { type DavSuite, startDavSuite } from "../../harness/dav-suite.ts";
import { createTownHall, type TownPerson } from "../../harness/town-hall.ts";

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
    | "owner"
    | "landlady"
    | "colleague"
    | "member"
    | "third"
    | "abroad"
    | "stranger"
    | "farStranger"
    | "mayor"
    | "farMayor",
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
      landlady: await dav.addPerson("Lise Seule"),
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
