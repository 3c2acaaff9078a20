import { addComment } from "../../domain/drive/comments/write-comments.ts";
import { findPlaceByFileId } from "../../domain/drive/drive-place.ts";
import type { DriveDeps } from "../../domain/drive/model.ts";
import { openDrive } from "../../domain/drive/open-drive.ts";
import { createTag, listTags } from "../../domain/drive/tags/manage-tags.ts";
import { setTagged } from "../../domain/drive/tags/tag-nodes.ts";
import { DomainError } from "../../domain/errors.ts";
import { beneath, type HttpHandler, type HttpRoute } from "../../net/http-router.ts";
import { authenticateDav } from "../dav/authenticate-dav.ts";
import type { DavContext, DavMount } from "../dav/dav-context.ts";
import { refuseRequest } from "../dav/refuse-request.ts";
import { CommentTree } from "./comments/comment-tree.ts";
import { createRouteMatcher } from "./match-route.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { type Parameters, readParameters } from "./parameters.ts";
import type { SignedInDevice } from "./signed-in-device.ts";
import { TagRelationTree } from "./tags/tag-relation-tree.ts";
import { TagTree } from "./tags/tag-tree.ts";

const start = ["remote.php", "dav"];

/** The trees of comments and tags. What is made there by POST is `noteRoutes`. */
export function noteMounts(deps: DriveDeps): DavMount[] {
  const drive = ({ session }: DavContext) => openDrive(deps, session.viewer, session.device);
  return [
    {
      path: [...start, "comments", "files"],
      open: async (context, _names, root) => new CommentTree(deps, await drive(context), root),
    },
    {
      path: [...start, "systemtags"],
      open: async ({ session }, _names, root) => new TagTree(deps, session.viewer, root),
    },
    {
      path: [...start, "systemtags-relations", "files"],
      open: async (context, _names, root) => new TagRelationTree(deps, await drive(context), root),
    },
  ];
}

interface Post {
  readonly method: "POST";
  readonly path: string;
  /** @returns the address of what was made */
  readonly make: (signedIn: SignedInDevice, parameters: Parameters, file: number) => Promise<string>;
}

/** Comments and tags are made by a POST of JSON, whose answer says where they are; all else is `dav`. */
export function noteRoutes(deps: NextcloudDeps, dav: HttpHandler): HttpRoute[] {
  const place = async ({ viewer, device }: SignedInDevice, file: number) => {
    const found = await findPlaceByFileId(deps.store.read, await openDrive(deps, viewer, device), file);
    if (!found) throw new DomainError("not_found", "There is no such file");
    return found;
  };
  const makeTag = async ({ viewer }: SignedInDevice, parameters: Parameters, mayExist: boolean): Promise<number> => {
    const name = parameters.text("name") ?? "";
    const known = mayExist
      ? (await listTags(deps.store.read, viewer)).find((tag) => tag.name.toLowerCase() === name.trim().toLowerCase())
      : undefined;
    return (known ?? (await createTag(deps.store, viewer, name))).number;
  };
  const posts: readonly Post[] = [
    {
      method: "POST",
      path: "/remote.php/dav/comments/files/{file}",
      make: async (signedIn, parameters, file) => {
        const on = await place(signedIn, file);
        const { number } = await addComment(deps, signedIn.viewer, on, parameters.text("message") ?? "");
        return `/remote.php/dav/comments/files/${file}/${number}`;
      },
    },
    {
      method: "POST",
      path: "/remote.php/dav/systemtags",
      make: async (signedIn, parameters) => `/remote.php/dav/systemtags/${await makeTag(signedIn, parameters, false)}`,
    },
    {
      method: "POST",
      path: "/remote.php/dav/systemtags-relations/files/{file}",
      make: async (signedIn, parameters, file) => {
        const on = await place(signedIn, file);
        const number = await makeTag(signedIn, parameters, true);
        await setTagged(deps, signedIn.viewer, on, number, true);
        return `/remote.php/dav/systemtags/${number}`;
      },
    },
  ];
  const match = createRouteMatcher(posts);
  for (const post of posts) deps.onRoute?.(post);

  const handle: HttpHandler = async (request, response) => {
    if (request.method !== "POST") return dav(request, response);
    try {
      const signedIn = await authenticateDav(deps.authenticator, request);
      const matched = match("POST", (request.url ?? "").replace(/[?#].*$/, ""));
      const file = typeof matched === "object" && "route" in matched ? (matched.path.file ?? "0") : "";
      if (typeof matched !== "object" || !("route" in matched) || !/^\d{1,15}$/.test(file)) {
        throw new DomainError("not_found", "There is nothing to make at this address");
      }
      const location = await matched.route.make(signedIn, await readParameters(request), Number(file));
      response.writeHead(201, { "content-location": location, "content-length": 0 }).end();
    } catch (error) {
      refuseRequest(deps.log, request, response, error);
    }
  };
  return ["comments", "systemtags", "systemtags-relations"].map((name) => beneath(`/remote.php/dav/${name}`, handle));
}
