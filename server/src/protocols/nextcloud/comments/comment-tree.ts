import type { Comment } from "../../../domain/drive/comments/comment.ts";
import { listComments, readComment } from "../../../domain/drive/comments/list-comments.ts";
import { deleteComment, editComment } from "../../../domain/drive/comments/write-comments.ts";
import { findPlaceByFileId, type Place } from "../../../domain/drive/drive-place.ts";
import type { DriveDeps } from "../../../domain/drive/model.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import { toDomainError } from "../../../domain/errors.ts";
import {
  type PropertyChange,
  type PropertyRequest,
  readProp,
} from "../../../formats/dav-xml/read-property-requests.ts";
import { childElements, findChildElement, textOf, type XmlElement } from "../../../formats/dav-xml/xml-element.ts";
import { dav, oc, type XmlName } from "../../../formats/dav-xml/xml-names.ts";
import { DavError } from "../../dav/dav-error.ts";
import type { DavMethodName, DavReport, DavResource, DavTree, PropertyStatus } from "../../dav/dav-tree.ts";
import { unknownReport } from "../../dav/methods/report.ts";
import { live, type PropertyReader, type PropertyTable, tableReader, text } from "../../dav/property-table.ts";

/** The list of all lists, the comments on one file, or one of them. */
export interface CommentResource extends DavResource {
  readonly place?: Place;
  readonly comment?: Comment;
}

const ofComment = (name: string, get: (comment: Comment, place: Place) => string) =>
  live<CommentResource, undefined>(oc(name), ({ comment, place }) => comment && place && get(comment, place));

const table: PropertyTable<CommentResource, undefined> = new Map([
  live<CommentResource, undefined>(dav("resourcetype"), ({ isCollection }) => (isCollection ? "<d:collection/>" : "")),
  ofComment("id", ({ number }) => String(number)),
  ofComment("parentId", () => "0"),
  ofComment("topmostParentId", () => "0"),
  ofComment("childrenCount", () => "0"),
  ofComment("message", (comment) => text(comment.text)),
  ofComment("verb", () => "comment"),
  ofComment("actorType", () => "users"),
  ofComment("actorId", ({ author }) => text(author.uid)),
  ofComment("actorDisplayName", ({ author }) => text(author.displayName)),
  ofComment("creationDateTime", ({ createdAt }) => createdAt.toUTCString()),
  ofComment("latestChildDateTime", () => ""),
  ofComment("objectType", () => "files"),
  ofComment("objectId", (_comment, { node }) => String(node.file_id)),
  ofComment("referenceId", () => ""),
  ofComment("mentions", () => ""),
  ofComment("isUnread", () => "false"),
]);

const shown: PropertyRequest = { kind: "prop", names: [...table.keys()].filter((name) => name.includes("owncloud")) };

/** `comments/files/<number of the file>/<number of the comment>`, of what the viewer sees. */
export class CommentTree implements DavTree<CommentResource> {
  readonly root: string;
  readonly compliance = "1, 3";
  readonly #deps: DriveDeps;
  readonly #drive: OpenedDrive;

  constructor(deps: DriveDeps, drive: OpenedDrive, root: string) {
    this.#deps = deps;
    this.#drive = drive;
    this.root = root;
  }

  allow(resource: CommentResource | undefined): readonly DavMethodName[] {
    if (resource?.comment) return ["OPTIONS", "PROPFIND", "PROPPATCH", "DELETE"];
    return resource?.place ? ["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "POST"] : ["OPTIONS", "PROPFIND"];
  }

  async find(names: readonly string[]): Promise<CommentResource | undefined> {
    const [file, comment, ...more] = names;
    if (more.length > 0) return undefined;
    if (file === undefined) return { names, isCollection: true };
    const place = /^\d{1,15}$/.test(file)
      ? await findPlaceByFileId(this.#deps.store.read, this.#drive, Number(file))
      : undefined;
    if (!place) return undefined;
    if (comment === undefined) return { names, isCollection: true, place };
    if (!/^\d{1,15}$/.test(comment)) return undefined;
    try {
      return toResource(place, await readComment(this.#deps.store.read, place, Number(comment)));
    } catch (error) {
      if (toDomainError(error)?.code === "not_found") return undefined;
      throw error;
    }
  }

  async children({ place }: CommentResource): Promise<readonly CommentResource[]> {
    // Which files there are is not told here.
    if (!place) return [];
    return (await listComments(this.#deps.store.read, place)).map((comment) => toResource(place, comment));
  }

  async readProperties(): Promise<PropertyReader<CommentResource>> {
    return tableReader(table, undefined);
  }

  async patchProperties(
    { place, comment }: CommentResource,
    changes: readonly PropertyChange[],
  ): Promise<ReadonlyMap<XmlName, PropertyStatus>> {
    const wanted = comment ? oc("message") : oc("readMarker");
    if (changes.some((change) => change.kind !== "set" || change.name !== wanted)) {
      return new Map(changes.map((change) => [change.name, { status: change.name === wanted ? 424 : 403 }]));
    }
    const last = changes.at(-1);
    // What has been read is not kept: nothing is ever unread.
    if (place && comment && last?.kind === "set") {
      await editComment(this.#deps, this.#drive.viewer, place, comment.number, textOf(last.element));
    }
    return new Map([[wanted, { status: 200 }]]);
  }

  async remove({ place, comment }: CommentResource): Promise<undefined> {
    if (!place || !comment) throw new DavError(403, "Permission denied to delete this");
    await deleteComment(this.#deps, this.#drive.viewer, place, comment.number);
  }

  async report({ place }: CommentResource, root: XmlElement): Promise<DavReport> {
    if (root.name !== oc("filter-comments") || !place) throw unknownReport();
    const textIn = (name: string): string | undefined => {
      const element = findChildElement(root, oc(name));
      return element && textOf(element);
    };
    const numberOf = (name: string): number | undefined => {
      const value = textIn(name);
      return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
    };
    const before = new Date(textIn("datetime") ?? "");
    const comments = await listComments(this.#deps.store.read, place, {
      limit: numberOf("limit") || undefined,
      offset: numberOf("offset"),
      before: Number.isNaN(before.getTime()) ? undefined : before,
    });
    const asks = childElements(root).some(({ name }) => name === dav("prop"));
    return {
      matches: comments.map((comment) => {
        const resource = toResource(place, comment);
        return { names: resource.names, resource };
      }),
      request: asks ? readProp(root) : shown,
    };
  }
}

function toResource(place: Place, comment: Comment): CommentResource {
  const names = [String(place.node.file_id), String(comment.number)];
  return { names, isCollection: false, place, comment, modifiedAt: comment.createdAt };
}
