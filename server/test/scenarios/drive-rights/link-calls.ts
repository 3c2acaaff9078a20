import { type Call, client, uses, visit } from "./call.ts";
import { fileCalls } from "./dav-calls.ts";
import type { Scene } from "./scene.ts";

const read = { rights: ["read"] } as const;
const taking = { rights: ["read"], takes: true } as const;
/** Whatever the link is for. */
const any = { rights: [], isSending: true } as const;

const a = ({ files }: Scene): string => files["a.txt"].id;
/** A client that has it already is told whether it may. */
const picture = (path: (scene: Scene) => string): Call["run"] => {
  return (scene) => client(scene, "GET", `/index.php${path(scene)}`, { "if-none-match": "*" });
};
const inLink = ({ folder }: Scene): string => encodeURIComponent(`/${folder.name}/a.txt`);

/** What an outside person does on the page of a link, or by a program that knows its address. */
export const linkCalls: readonly Call[] = [
  ...fileCalls.map((call) => ({
    ...call,
    route: call.route.replace("/remote.php/dav/files/*", "/public.php/dav/files/*"),
  })),
  ...["GET", "PROPFIND", "PUT", "DELETE"].flatMap((method) =>
    uses(`${method} /public.php/webdav`, [
      {
        ...{
          name: "by the token as a name",
          does: ["PUT", "DELETE"].includes(method) ? ("changes" as const) : ("reads" as const),
        },
        need: {
          GET: taking,
          PROPFIND: read,
          PUT: { rights: ["read", "write"], isSending: true } as const,
          DELETE: { rights: ["read", "delete"] } as const,
        }[method]!,
        run: (scene) =>
          client(
            scene,
            method,
            `/public.php/webdav/${scene.folder.name}/a.txt`,
            {},
            method === "PUT" ? "new" : undefined,
          ),
      },
    ]),
  ),
  ...uses("GET /index.php/apps/files_sharing/publicpreview/{token}", [
    {
      name: "",
      need: read,
      does: "reads",
      run: picture((scene) => `/apps/files_sharing/publicpreview/${scene.holder.token}?file=${inLink(scene)}`),
    },
  ]),
  ...uses("GET /index.php/s/{token}/preview", [
    {
      name: "",
      need: read,
      does: "reads",
      run: picture((scene) => `/s/${scene.holder.token}/preview?file=${inLink(scene)}`),
    },
  ]),
  ...uses("GET /s/:token/api/info", [
    {
      name: "",
      need: any,
      does: "finds",
      shows: ({ holder }) => holder.root.name,
      run: visit("GET", () => "/api/info"),
    },
  ]),
  ...uses("POST /s/:token/api/unlock", [
    {
      // There is nothing to unlock for the others; a wrong one opens nothing.
      ...{ name: "with a wrong password", need: { rights: [], circle: "nobody" }, does: "reads" },
      run: (scene) =>
        scene.holder.role.link?.password
          ? visit("POST", () => "/api/unlock", { password: "devine-encore" })(scene)
          : refused,
    },
  ]),
  ...uses("GET /s/:token/api/folders/:id", [
    { name: "", need: read, does: "reads", run: visit("GET", ({ folder }) => `/api/folders/${folder.id}`) },
  ]),
  ...uses(`GET /s/:token/api/files/:id/content`, [
    { name: "", need: taking, does: "reads", run: visit("GET", (scene) => `/api/files/${a(scene)}/content`) },
  ]),
  ...uses(`GET /s/:token/api/archive`, [
    { name: "", need: taking, does: "reads", run: visit("GET", ({ folder }) => `/api/archive?ids=${folder.id}`) },
  ]),
  ...uses(`GET /s/:token/api/files/:id/preview`, [
    {
      // Of a folder there is none, which is told to who sees it.
      ...{ name: "", need: read, does: "reads" },
      run: async (scene) => {
        const answer = await visit("GET", ({ files }) => `/api/files/${files.sub.id}/preview`)(scene);
        return answer.status === 409 ? { ...answer, status: 200 } : answer;
      },
    },
  ]),
  ...uses("GET /s/:token/api/events", [{ name: "", need: any, does: "reads", run: visit("GET", () => "/api/events") }]),
  ...uses("POST /s/:token/api/folders/:id/folders", [
    {
      ...{ name: "", need: { rights: ["read", "create"] }, does: "changes" },
      run: (scene) =>
        visit("POST", ({ folder }) => `/api/folders/${folder.id}/folders`, { name: "n", visitor: "Paul" })(scene),
    },
  ]),
  ...uses("PUT /s/:token/api/folders/:id/files/:name", [
    {
      ...{ name: "a new one", need: { rights: ["read", "create"], isSending: true }, does: "changes" },
      run: visit("PUT", ({ folder }) => `/api/folders/${folder.id}/files/n.txt?visitor=Paul`, "new"),
    },
    {
      ...{ name: "over a file", need: { rights: ["read", "write"], isSending: true }, does: "changes" },
      run: visit("PUT", ({ folder }) => `/api/folders/${folder.id}/files/a.txt?visitor=Paul&onConflict=replace`, "new"),
    },
  ]),
  ...uses("PATCH /s/:token/api/nodes/:id", [
    {
      ...{ name: "", need: { rights: ["read", "write"] }, does: "changes" },
      run: visit("PATCH", (scene) => `/api/nodes/${a(scene)}`, { name: "n.txt", visitor: "Paul" }),
    },
  ]),
  ...uses("DELETE /s/:token/api/nodes/:id", [
    {
      name: "",
      need: { rights: ["read", "delete"] },
      does: "changes",
      run: visit("DELETE", (scene) => `/api/nodes/${a(scene)}?visitor=Paul`),
    },
  ]),
];

const refused = Promise.resolve({ status: 401, body: "" });
