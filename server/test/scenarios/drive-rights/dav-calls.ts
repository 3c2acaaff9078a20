import { type Call, client, dav, fileUrl, inOrder, type Outcome, toName, uidOf, uses } from "./call.ts";
import type { Scene } from "./scene.ts";

const ns = 'xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns" xmlns:x="urn:x"';
const set = (property: string): string =>
  `<d:propertyupdate ${ns}><d:set><d:prop>${property}</d:prop></d:set></d:propertyupdate>`;
const lock = `<d:lockinfo ${ns}><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockinfo>`;
const favorites = `<oc:filter-files ${ns}><d:prop><d:getetag/></d:prop><oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>`;
const changes = `<d:sync-collection ${ns}><d:sync-token/><d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>`;
const read = { rights: ["read"] } as const;
const write = { rights: ["read", "write"] } as const;
const create = { rights: ["read", "create"] } as const;
const remove = { rights: ["read", "delete"] } as const;

const files = "/remote.php/dav/files/*";

/** What is the same for people and for whoever has a link. */
export const fileCalls: readonly Call[] = [
  ...uses(`PROPFIND ${files}`, [
    { name: "of a folder", need: read, does: "reads", run: dav("PROPFIND", "/", { depth: "1" }) },
    { name: "of a file", need: read, does: "reads", run: dav("PROPFIND", "/a.txt", { depth: "0" }) },
    { name: "of all beneath", need: read, does: "reads", run: dav("PROPFIND", "/", { depth: "infinity" }) },
  ]),
  ...uses(`GET ${files}`, [
    { name: "whole", need: { ...read, takes: true }, does: "reads", run: dav("GET", "/a.txt") },
    {
      name: "a range",
      need: { ...read, takes: true },
      does: "reads",
      run: dav("GET", "/a.txt", { range: "bytes=1-2" }),
    },
    {
      name: "of a version that is known",
      need: read,
      does: "reads",
      run: dav("GET", "/a.txt", { "if-none-match": "*" }),
    },
  ]),
  ...uses(`HEAD ${files}`, [{ name: "", need: { ...read, takes: true }, does: "reads", run: dav("HEAD", "/a.txt") }]),
  ...uses(`PUT ${files}`, [
    { name: "over a file", need: { ...write, isSending: true }, does: "changes", run: dav("PUT", "/a.txt", {}, "new") },
    {
      name: "of a new file",
      need: { ...create, isSending: true },
      does: "changes",
      run: dav("PUT", "/new.txt", {}, "new"),
    },
    {
      name: "in a folder",
      need: { ...create, isSending: true },
      does: "changes",
      run: dav("PUT", "/sub/new.txt", {}, "new"),
    },
  ]),
  ...uses(`MKCOL ${files}`, [{ name: "", need: create, does: "changes", run: dav("MKCOL", "/folder") }]),
  ...uses(`DELETE ${files}`, [
    { name: "of a file", need: remove, does: "changes", run: dav("DELETE", "/a.txt") },
    { name: "of a folder", need: remove, does: "changes", run: dav("DELETE", "/sub") },
  ]),
  ...uses(`MOVE ${files}`, [
    { name: "to another name", need: write, does: "changes", run: toName("MOVE", "/a.txt", "/n.txt") },
    {
      ...{ name: "to another folder", does: "changes", run: toName("MOVE", "/a.txt", "/sub/a.txt") },
      need: { rights: ["read", "write", "delete", "create"] },
    },
    {
      ...{ name: "over a file", does: "changes", run: toName("MOVE", "/a.txt", "/b.txt") },
      need: { rights: ["read", "write", "delete"] },
    },
  ]),
  ...uses(`COPY ${files}`, [
    { name: "", need: { ...create, takes: true }, does: "changes", run: toName("COPY", "/a.txt", "/n.txt") },
    {
      ...{ name: "over a file", does: "changes", run: toName("COPY", "/a.txt", "/b.txt") },
      need: { rights: ["read", "create", "delete"], takes: true },
    },
  ]),
  ...uses(`PROPPATCH ${files}`, [
    {
      name: "of a property",
      need: write,
      does: "changes",
      run: dav("PROPPATCH", "/a.txt", {}, set("<x:color>green</x:color>")),
    },
    {
      ...{ name: "of the time", need: write, does: "changes" },
      run: dav("PROPPATCH", "/a.txt", {}, set("<d:lastmodified>1500000000</d:lastmodified>")),
    },
  ]),
];

/** Where somebody puts something of their own. */
const own = (scene: Scene, name: string): string => `/remote.php/dav/files/${uidOf(scene)}/${name}`;
const multistatus = async (answering: Promise<Outcome>): Promise<Outcome> => {
  const answer = await answering;
  const failed = /HTTP\/1\.1 (4\d\d)/.exec(answer.body)?.[1];
  return answer.status === 207 && failed !== undefined ? { ...answer, status: Number(failed) } : answer;
};

/** Files, by people alone. */
const personCalls: readonly Call[] = [
  ...uses(`COPY ${files}`, [
    {
      ...{ name: "to one's own drive", need: read, does: "reads" },
      run: (scene) => dav("COPY", "/a.txt", { destination: own(scene, scene.holder.world.newName("copy")) })(scene),
    },
  ]),
  ...uses(`MOVE ${files}`, [
    {
      ...{ name: "to one's own drive", need: { rights: ["read", "write", "delete"] }, does: "changes" },
      run: (scene) => dav("MOVE", "/a.txt", { destination: own(scene, scene.holder.world.newName("moved")) })(scene),
    },
    {
      ...{ name: "of one's own into it", need: create, does: "changes" },
      run: async (scene) => {
        const name = scene.holder.world.newName("mine");
        await client(scene, "PUT", own(scene, name), {}, "mine");
        return client(scene, "MOVE", own(scene, name), { destination: fileUrl(scene, "/mine.txt") });
      },
    },
  ]),
  ...uses(`PROPPATCH ${files}`, [
    {
      ...{ name: "of a favorite of one's own", need: read, does: "reads" },
      run: (scene) => multistatus(dav("PROPPATCH", "/a.txt", {}, set("<oc:favorite>1</oc:favorite>"))(scene)),
    },
  ]),
  ...uses(`LOCK ${files}`, [
    { name: "of a file", need: write, does: "changes", run: dav("LOCK", "/a.txt", {}, lock) },
    {
      name: "of a new name",
      need: { rights: ["read", "write", "create"] },
      does: "changes",
      run: dav("LOCK", "/n.txt", {}, lock),
    },
    { name: "by hand", need: write, does: "changes", run: dav("LOCK", "/a.txt", { "x-user-lock": "1" }) },
  ]),
  ...uses(`UNLOCK ${files}`, [
    {
      ...{ name: "of the owner's lock", need: { rights: [], circle: "author" }, does: "changes", extras: ["lock"] },
      run: dav("UNLOCK", "/c.txt", { "x-user-lock": "1" }),
    },
  ]),
  ...uses(`REPORT ${files}`, [
    { name: "of favorites", need: read, does: "reads", run: dav("REPORT", "/", {}, favorites) },
    { name: "of changes", need: read, does: "reads", run: dav("REPORT", "/", {}, changes) },
  ]),
  ...uses(`SEARCH ${files}`, [
    {
      ...{ name: "by name", need: read, does: "reads" },
      run: (scene) => client(scene, "SEARCH", fileUrl(scene, ""), {}, searchFor(scene, fileUrl(scene, ""), "a.txt")),
    },
  ]),
  ...uses("SEARCH /remote.php/dav", [
    {
      ...{ name: "in all that one sees", need: read, does: "finds", shows: ({ holder }) => holder.root.name },
      run: (scene) =>
        client(scene, "SEARCH", "/remote.php/dav/", {}, searchFor(scene, `/files/${uidOf(scene)}`, "Zephyr%")),
    },
  ]),
];

function searchFor({ holder }: Scene, scope: string, name: string): string {
  const like = name === "Zephyr%" ? `${holder.root.name.slice(0, -1)}_` : name;
  return `<d:searchrequest ${ns}><d:basicsearch><d:select><d:prop><oc:fileid/></d:prop></d:select>
    <d:from><d:scope><d:href>${scope}</d:href><d:depth>infinity</d:depth></d:scope></d:from>
    <d:where><d:like><d:prop><d:displayname/></d:prop><d:literal>${like}</d:literal></d:like></d:where></d:basicsearch></d:searchrequest>`;
}

const uploads = "/remote.php/dav/uploads/*";
const session = ({ holder }: Scene, uid: string): string =>
  `/remote.php/dav/uploads/${uid}/${holder.world.newName("session")}`;
const inPieces =
  (path: string, isSecond: boolean) =>
  async (scene: Scene): Promise<Outcome> => {
    const at = session(scene, uidOf(scene));
    const destination = fileUrl(scene, path);
    const headers = isSecond ? { destination } : {};
    return inOrder(
      () => client(scene, "MKCOL", at, headers),
      () => client(scene, "PUT", `${at}/00001`, headers, "new "),
      () => client(scene, "PUT", `${at}/00002`, headers, "file"),
      () => client(scene, "MOVE", `${at}/.file`, { destination }),
    )(scene);
  };
const uploadCalls: readonly Call[] = [
  ...uses(`MKCOL ${uploads}`, [
    { name: "of a new file, version 2", need: create, does: "changes", run: inPieces("/new.txt", true) },
    { name: "over a file, version 2", need: write, does: "changes", run: inPieces("/a.txt", true) },
  ]),
  ...uses(`MOVE ${uploads}`, [
    { name: "of a new file, version 1", need: create, does: "changes", run: inPieces("/new.txt", false) },
    { name: "over a file, version 1", need: write, does: "changes", run: inPieces("/a.txt", false) },
  ]),
  ...["PROPFIND", "PUT", "DELETE", "MKCOL"].flatMap((method) =>
    uses(`${method} ${uploads}`, [
      {
        ...{ name: "of the owner", need: { rights: [], circle: "author" }, does: "reads" },
        run: async (scene) => {
          const { world, owner } = scene.holder;
          const at = session(scene, owner.uid);
          if (method !== "MKCOL") await world.dav.ask(owner, "MKCOL", at);
          return client(
            scene,
            method,
            method === "PUT" ? `${at}/00001` : at,
            method === "PROPFIND" ? { depth: "0" } : {},
            method === "PUT" ? "x" : undefined,
          );
        },
      },
    ]),
  ),
  ...["/remote.php/dav/bulk", "/dav/bulk"].flatMap((path) =>
    uses(`* ${path}`, [
      { name: "of a new file", need: create, does: "changes", run: inBulk(path, "/new.txt") },
      { name: "over a file", need: write, does: "changes", run: inBulk(path, "/a.txt") },
    ]),
  ),
];

function inBulk(url: string, path: string): Call["run"] {
  return async (scene) => {
    const body = `--B\r\nx-file-path: ${scene.path}${path}\r\nx-file-md5: 22af645d1859cb5ca6da0c484f1f37ea\r\ncontent-length: 3\r\n\r\nnew\r\n--B--\r\n`;
    const answer = await client(scene, "POST", url, { "content-type": "multipart/related; boundary=B" }, body);
    return answer.body.includes('"error":true') ? { ...answer, status: 403 } : answer;
  };
}

const trash = "/remote.php/dav/trashbin/*";
const inTrash = (scene: Scene): string => `/remote.php/dav/trashbin/${uidOf(scene)}/trash/${scene.trashed!.name}`;
const ofTrash = { rights: ["read", "delete"], circle: "space" } as const;
const trashCalls: readonly Call[] = [
  ...uses(`PROPFIND ${trash}`, [
    {
      ...{ name: "of all", need: ofTrash, does: "finds", extras: ["trash"], shows: (scene) => scene.trashed!.name },
      run: (scene) => client(scene, "PROPFIND", `/remote.php/dav/trashbin/${uidOf(scene)}/trash`, { depth: "1" }),
    },
    {
      ...{ name: "of one", need: ofTrash, does: "reads", extras: ["trash"] },
      run: (scene) => client(scene, "PROPFIND", inTrash(scene), { depth: "0" }),
    },
  ]),
  ...uses(`GET ${trash}`, [
    {
      name: "",
      need: ofTrash,
      does: "reads",
      extras: ["trash"],
      run: (scene) => client(scene, "GET", inTrash(scene)),
    },
  ]),
  ...uses(`MOVE ${trash}`, [
    {
      ...{
        name: "back",
        need: { rights: ["read", "delete", "create"], circle: "space" },
        does: "changes",
        extras: ["trash"],
      },
      run: (scene) =>
        client(scene, "MOVE", inTrash(scene), {
          destination: `/remote.php/dav/trashbin/${uidOf(scene)}/restore/${scene.trashed!.name}`,
        }),
    },
  ]),
  ...uses(`DELETE ${trash}`, [
    {
      name: "",
      need: ofTrash,
      does: "changes",
      extras: ["trash"],
      run: (scene) => client(scene, "DELETE", inTrash(scene)),
    },
  ]),
];

const versions = "/remote.php/dav/versions/*";
const versionUrl = (scene: Scene): string =>
  `/remote.php/dav/versions/${uidOf(scene)}/versions/${scene.files["a.txt"].fileId}/${scene.version!.second}`;
const versionCalls: readonly Call[] = [
  ...uses(`PROPFIND ${versions}`, [
    {
      ...{ name: "", need: read, does: "reads", extras: ["version"] },
      run: (scene) =>
        client(scene, "PROPFIND", `/remote.php/dav/versions/${uidOf(scene)}/versions/${scene.files["a.txt"].fileId}`, {
          depth: "1",
        }),
    },
  ]),
  ...uses(`GET ${versions}`, [
    {
      name: "",
      need: read,
      does: "reads",
      extras: ["version"],
      run: (scene) => client(scene, "GET", versionUrl(scene)),
    },
  ]),
  ...uses(`MOVE ${versions}`, [
    {
      ...{ name: "back", need: write, does: "changes", extras: ["version"] },
      run: (scene) =>
        client(scene, "MOVE", versionUrl(scene), {
          destination: `/remote.php/dav/versions/${uidOf(scene)}/restore/target`,
        }),
    },
  ]),
  ...uses(`PROPPATCH ${versions}`, [
    {
      ...{ name: "of a label", need: write, does: "changes", extras: ["version"] },
      run: (scene) =>
        client(scene, "PROPPATCH", versionUrl(scene), {}, set("<nc:version-label>first</nc:version-label>")),
    },
  ]),
  ...uses(`DELETE ${versions}`, [
    {
      name: "",
      need: remove,
      does: "changes",
      extras: ["version"],
      run: (scene) => client(scene, "DELETE", versionUrl(scene)),
    },
  ]),
];

const comments = "/remote.php/dav/comments/files";
const commentsUrl = (scene: Scene): string => `${comments}/${scene.files["a.txt"].fileId}`;
const json = { "content-type": "application/json" };
const tags = "/remote.php/dav/systemtags";
const relations = "/remote.php/dav/systemtags-relations/files";
const relationsUrl = (scene: Scene): string => `${relations}/${scene.files["a.txt"].fileId}`;
const author = { rights: [], circle: "author" } as const;
const tagging = { rights: ["read", "write"], circle: "organization" } as const;
const ofAdministrators = { rights: [], circle: "administrators" } as const;
const withTag = (method: string, header?: string): Call["run"] => {
  return async (scene) => {
    const { world } = scene.holder;
    const made = await world.dav.ask(
      world.people.owner,
      "POST",
      tags,
      json,
      JSON.stringify({ name: world.newName("tag") }),
    );
    return client(scene, method, made.headers["content-location"]!, {}, header);
  };
};
const noteCalls: readonly Call[] = [
  ...uses(`PROPFIND ${comments}`, [
    {
      name: "",
      need: read,
      does: "reads",
      extras: ["comment"],
      run: (scene) => client(scene, "PROPFIND", commentsUrl(scene), { depth: "1" }),
    },
  ]),
  ...uses(`REPORT ${comments}`, [
    {
      ...{ name: "", need: read, does: "reads", extras: ["comment"] },
      run: (scene) => client(scene, "REPORT", commentsUrl(scene), {}, `<oc:filter-comments ${ns}/>`),
    },
  ]),
  ...uses(`POST ${comments}/{file}`, [
    {
      name: "",
      need: read,
      does: "changes",
      run: (scene) => client(scene, "POST", commentsUrl(scene), json, '{"message":"said"}'),
    },
  ]),
  ...uses(`PROPPATCH ${comments}`, [
    {
      ...{ name: "of what another said", need: author, does: "changes", extras: ["comment"] },
      run: (scene) =>
        client(scene, "PROPPATCH", `${commentsUrl(scene)}/${scene.comment}`, {}, set("<oc:message>x</oc:message>")),
    },
  ]),
  ...uses(`DELETE ${comments}`, [
    {
      ...{ name: "of what another said", need: author, does: "changes", extras: ["comment"] },
      run: (scene) => client(scene, "DELETE", `${commentsUrl(scene)}/${scene.comment}`),
    },
  ]),
  ...uses(`PROPFIND ${relations}`, [
    {
      name: "",
      need: read,
      does: "reads",
      extras: ["tag"],
      run: (scene) => client(scene, "PROPFIND", relationsUrl(scene), { depth: "1" }),
    },
  ]),
  ...uses(`PUT ${relations}`, [
    {
      ...{ name: "", need: tagging, does: "changes" },
      run: (scene) =>
        client(scene, "PUT", `${relations}/${scene.files["b.txt"].fileId}/${scene.holder.world.tagNumber}`),
    },
  ]),
  ...uses(`DELETE ${relations}`, [
    {
      ...{ name: "", need: tagging, does: "changes", extras: ["tag"] },
      run: (scene) => client(scene, "DELETE", `${relationsUrl(scene)}/${scene.holder.world.tagNumber}`),
    },
  ]),
  ...uses(`POST ${relations}/{file}`, [
    {
      name: "",
      need: tagging,
      does: "changes",
      run: (scene) => client(scene, "POST", `${relations}/${scene.files["b.txt"].fileId}`, json, '{"name":"Voirie"}'),
    },
  ]),
  ...uses(`PROPPATCH ${tags}`, [
    {
      name: "of a tag",
      need: ofAdministrators,
      does: "reads",
      run: withTag("PROPPATCH", set("<oc:display-name>y</oc:display-name>")),
    },
  ]),
  ...uses(`DELETE ${tags}`, [{ name: "of a tag", need: ofAdministrators, does: "reads", run: withTag("DELETE") }]),
];

const direct = "/remote.php/direct/*";
const directCalls: readonly Call[] = uses(`GET ${direct}`, [
  {
    ...{ name: "after asking for the address", need: read, does: "reads" },
    run: async (scene) => {
      const form = { "content-type": "application/x-www-form-urlencoded" };
      const asked = await client(
        scene,
        "POST",
        "/ocs/v2.php/apps/dav/api/v1/direct?format=json",
        form,
        `fileId=${scene.files["a.txt"].fileId}`,
      );
      if (asked.status !== 200) return asked;
      const { url } = (JSON.parse(asked.body) as { ocs: { data: { url: string } } }).ocs.data;
      const answer = await scene.holder.world.dav.ask(undefined, "GET", new URL(url).pathname);
      return { status: answer.status, body: answer.body };
    },
  },
]);

export const davCalls: readonly Call[] = [
  ...fileCalls,
  ...personCalls,
  ...uploadCalls,
  ...trashCalls,
  ...versionCalls,
  ...noteCalls,
  ...directCalls,
];
