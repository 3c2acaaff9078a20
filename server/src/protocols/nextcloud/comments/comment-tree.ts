import type { Comment } from "../../../domain/drive/comments/comment.ts";
import { listComments, readComment } from "../../../domain/drive/comments/list-comments.ts";
import { markCommentsRead, readCommentMark } from "../../../domain/drive/comments/read-mark.ts";
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
import { parseTime } from "../../../formats/dav-xml/times.ts";
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
  /** Up to when the viewer has read those of the file; the epoch when they never did. */
  readonly readUntil?: Date;
  readonly isOwn?: boolean;
}

const never = new Date(0);

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
  live<CommentResource, undefined>(
    oc("isUnread"),
    ({ comment, isOwn, readUntil }) => comment && String(!isOwn && comment.createdAt > (readUntil ?? never)),
  ),
  live<CommentResource, undefined>(oc("readMarker"), ({ comment, readUntil }) =>
    comment || readUntil === undefined || readUntil === never ? undefined : readUntil.toUTCString(),
  ),
]);

const shown: PropertyRequest = {
  kind: "prop",
  names: [...table.keys()].filter((name) => name.includes("owncloud") && name !== oc("readMarker")),
};

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
    const readUntil = await this.#readUntil(place);
    if (comment === undefined) return { names, isCollection: true, place, readUntil };
    if (!/^\d{1,15}$/.test(comment)) return undefined;
    try {
      return this.#toResource(place, await readComment(this.#deps.store.read, place, Number(comment)), readUntil);
    } catch (error) {
      if (toDomainError(error)?.code === "not_found") return undefined;
      throw error;
    }
  }

  async children({ place, readUntil = never }: CommentResource): Promise<readonly CommentResource[]> {
    // Which files there are is not told here.
    if (!place) return [];
    return (await listComments(this.#deps.store.read, place)).map((comment) =>
      this.#toResource(place, comment, readUntil),
    );
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
    if (place && last?.kind === "set") {
      const { viewer } = this.#drive;
      if (comment) await editComment(this.#deps, viewer, place, comment.number, textOf(last.element));
      else await markCommentsRead(this.#deps, viewer, place, readMarker(textOf(last.element)));
    }
    return new Map([[wanted, { status: 200 }]]);
  }

  async remove({ place, comment }: CommentResource): Promise<undefined> {
    if (!place || !comment) throw new DavError(403, "Permission denied to delete this");
    await deleteComment(this.#deps, this.#drive.viewer, place, comment.number);
  }

  async report({ place, readUntil = never }: CommentResource, root: XmlElement): Promise<DavReport> {
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
        const resource = this.#toResource(place, comment, readUntil);
        return { names: resource.names, resource };
      }),
      request: asks ? readProp(root) : shown,
    };
  }

  async #readUntil(place: Place): Promise<Date> {
    return (await readCommentMark(this.#deps.store.read, this.#drive.viewer, place)) ?? never;
  }

  #toResource(place: Place, comment: Comment, readUntil: Date): CommentResource {
    const { viewer } = this.#drive;
    const { organizationId, principalId } = comment.author;
    const isOwn = organizationId === viewer.organizationId && principalId === viewer.principalId;
    const names = [String(place.node.file_id), String(comment.number)];
    return { names, isCollection: false, place, comment, readUntil, isOwn, modifiedAt: comment.createdAt };
  }
}

/** Clients that have shown all send it empty. @throws DavError 400 */
function readMarker(value: string): Date {
  if (value.trim() === "") return new Date();
  const date = parseTime(value.trim());
  if (!date) throw new DavError(400, "The readMarker is a date");
  return date;
}
