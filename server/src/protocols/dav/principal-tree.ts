import type { Viewer } from "../../domain/identity/viewer.ts";
import { writePathNames } from "../../formats/dav-xml/path-names.ts";
import type { PropertyRequest } from "../../formats/dav-xml/read-property-requests.ts";
import { calDavNamespace, dav, oc } from "../../formats/dav-xml/xml-names.ts";
import type { DavMethodName, DavResource, DavTree } from "./dav-tree.ts";
import { live, ordinary, type PropertyReader, type PropertyTable, tableReader, text } from "./property-table.ts";

/** The folders above the trees: `/`, `/principals/`, `/principals/users/` and the person themselves. */
interface Level extends DavResource {
  readonly displayName: string;
  readonly isPrincipal: boolean;
}

const collections = ["files", "uploads", "trashbin", "versions", "principals"];

/** What a client finds at the root of all trees: who it is, and where its files are (RFC 3744 section 4, RFC 5397). */
export class PrincipalTree implements DavTree<Level> {
  readonly root: string;
  readonly compliance = "1, 3, extended-mkcol";
  readonly #viewer: Viewer;

  constructor(viewer: Viewer, root: string) {
    this.#viewer = viewer;
    this.root = root;
  }

  allow(): readonly DavMethodName[] {
    return ["OPTIONS", "GET", "HEAD", "PROPFIND", "SEARCH"];
  }

  async find(names: readonly string[]): Promise<Level | undefined> {
    const { uid, displayName } = this.#viewer;
    const [first, second, third, ...rest] = names;
    const folder = { names, isCollection: true, isPrincipal: false, displayName: names.at(-1) ?? "" };
    if (first === undefined) return folder;
    if (first === "principals") {
      if (second === undefined || (second === "users" && third === undefined)) return folder;
      const isSelf = second === "users" && third === uid && rest.length === 0;
      return isSelf ? { ...folder, isPrincipal: true, displayName } : undefined;
    }
    return collections.includes(first) && second === undefined ? folder : undefined;
  }

  async children({ names, isPrincipal }: Level): Promise<Level[]> {
    if (isPrincipal) return [];
    const path = names.join("/");
    const below = path === "" ? collections : path === "principals" ? ["users"] : [this.#viewer.uid];
    const found = await Promise.all(below.map((name) => this.find([...names, name])));
    return found.filter((level) => level !== undefined);
  }

  async readProperties(_levels: readonly Level[], _request: PropertyRequest): Promise<PropertyReader<Level>> {
    return tableReader(properties, { root: this.root, viewer: this.#viewer });
  }
}

type Context = { readonly root: string; readonly viewer: Viewer };

const self = ({ root, viewer }: Context): string =>
  `<d:href>${text(`${root}${writePathNames(["principals", "users", viewer.uid])}/`)}</d:href>`;

const properties: PropertyTable<Level, Context> = new Map([
  ordinary<Level, Context>(dav("resourcetype"), ({ isPrincipal }) =>
    isPrincipal ? "<d:principal/>" : "<d:collection/>",
  ),
  ordinary<Level, Context>(dav("displayname"), ({ displayName }) => text(displayName)),
  live<Level, Context>(dav("current-user-principal"), (_level, context) => self(context)),
  live<Level, Context>(dav("principal-URL"), ({ isPrincipal }, context) => (isPrincipal ? self(context) : undefined)),
  live<Level, Context>(
    dav("principal-collection-set"),
    (_level, { root }) => `<d:href>${root}/principals/users/</d:href>`,
  ),
  live<Level, Context>(dav("alternate-URI-set"), ({ isPrincipal }) => (isPrincipal ? "" : undefined)),
  live<Level, Context>(dav("group-membership"), ({ isPrincipal }) => (isPrincipal ? "" : undefined)),
  live<Level, Context>("{http://sabredav.org/ns}email-address", ({ isPrincipal }, { viewer }) =>
    isPrincipal && viewer.address !== undefined ? text(viewer.address) : undefined,
  ),
  live<Level, Context>(oc("id"), ({ isPrincipal }, { viewer }) => (isPrincipal ? text(viewer.uid) : undefined)),
  live<Level, Context>(`{${calDavNamespace}}calendar-user-address-set`, ({ isPrincipal }, { viewer }) =>
    isPrincipal && viewer.address !== undefined ? `<d:href>mailto:${text(viewer.address)}</d:href>` : undefined,
  ),
]);
