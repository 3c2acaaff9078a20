import { type Static, type TSchema, Type } from "typebox";
import { Crumb, FolderQuery, NodeKind } from "./drive.ts";

/*
 * What an outside person with a link sees: `/s/<token>` is the page, `/s/<token>/api/…` its API. No account, no CSRF token;
 * a link with a password is opened by `unlock`, which sets a cookie for this link alone. `token` comes from the page's address.
 */

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** With 410 `gone`: why a link that existed leads nowhere. An address that never existed is 404 `not_found`. */
export const shareGoneReasons = ["expired", "revoked", "removed", "used_up"] as const;
export type ShareGoneReason = (typeof shareGoneReasons)[number];

export const SharedNode = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: NodeKind,
  /** Bytes; of a folder, all beneath it. */
  size: Type.Integer({ minimum: 0 }),
  /** Folders only. */
  childCount: Nullable(Type.Integer({ minimum: 0 })),
  contentType: Type.String(),
  /** Null for a folder. */
  versionId: Nullable(Type.String()),
  modifiedAt: Type.String({ format: "date-time" }),
});
export type SharedNode = Static<typeof SharedNode>;

/** What a link allows; a file request lets nobody see anything: `canUpload` alone. */
export const ShareAllows = Type.Object({
  canView: Type.Boolean(),
  /** False: looked at in the browser only. */
  canDownload: Type.Boolean(),
  /** New files and folders. */
  canUpload: Type.Boolean(),
  /** New versions and names. */
  canEdit: Type.Boolean(),
  canDelete: Type.Boolean(),
});
export type ShareAllows = Static<typeof ShareAllows>;

/**
 * `GET /s/:token/api/info`: 200; 404 `not_found`, 410 `gone` with `reason`, 429 `throttled`. A link that waits for its password
 * tells who shared it and nothing of what it leads to. `?again=1` from a page that was counted already.
 */
export const ShareInfo = Type.Union([
  Type.Object({
    state: Type.Literal("locked"),
    organization: Type.String(),
    sharedBy: Type.String(),
    expiresAt: Nullable(Type.String({ format: "date-time" })),
  }),
  Type.Object({
    state: Type.Literal("open"),
    organization: Type.String(),
    sharedBy: Type.String(),
    expiresAt: Nullable(Type.String({ format: "date-time" })),
    /** From who shared it. */
    note: Nullable(Type.String()),
    /** Null: without a limit. */
    downloadsLeft: Nullable(Type.Integer({ minimum: 0 })),
    allows: ShareAllows,
    node: SharedNode,
  }),
]);
export type ShareInfo = Static<typeof ShareInfo>;
export const ShareInfoQuery = Type.Object({ again: Type.Optional(Type.Literal("1")) });

/** `POST /s/:token/api/unlock` → 204; 401 `wrong_credentials`, 429 `throttled` with `retryAfterSeconds`. */
export const Unlock = Type.Object({ password: Type.String({ maxLength: 1024 }) }, { additionalProperties: false });
export type Unlock = Static<typeof Unlock>;

/**
 * `GET /s/:token/api/folders/:id?…` with the parameters of `FolderQuery`; `id` is a folder of what is shared. 401
 * `unauthenticated` when the password is missing; 404 for anything outside of what is shared.
 */
export const SharedFolderQuery = FolderQuery;
export type SharedFolderQuery = FolderQuery;
export const SharedFolder = Type.Object({
  folder: SharedNode,
  /** From the shared folder to this one. */
  path: Type.Array(Crumb),
  nodes: Type.Array(SharedNode),
  next: Nullable(Type.String()),
});
export type SharedFolder = Static<typeof SharedFolder>;

/**
 * What whoever has the link does there, with the page's Origin; `visitor` is the name they give, which a file request asks for.
 * `PUT /s/:token/api/folders/:id/files/:name?visitor=&onConflict=&modifiedAt=`, the body being the file → 201 `SharedUpload`; errors as
 * the drive's own upload. A file request takes `top` for the folder, and never the place of another file.
 * `POST /s/:token/api/folders/:id/folders` → 201 `SharedNode`; `PATCH /s/:token/api/nodes/:id` → `SharedNode`;
 * `DELETE /s/:token/api/nodes/:id` → 204, to the owner's trash.
 */
export const SharedUploadQuery = Type.Object({
  visitor: Type.Optional(Type.String({ maxLength: 100 })),
  onConflict: Type.Optional(Type.Union([Type.Literal("fail"), Type.Literal("replace"), Type.Literal("rename")])),
  modifiedAt: Type.Optional(Type.String({ format: "date-time" })),
});
export type SharedUploadQuery = Static<typeof SharedUploadQuery>;
/** `node` is null for a file request: what was received is not shown again. */
export const SharedUpload = Type.Object({ name: Type.String(), node: Nullable(SharedNode) });
export type SharedUpload = Static<typeof SharedUpload>;
export const SharedChange = Type.Object(
  { name: Type.String(), visitor: Type.Optional(Type.String({ maxLength: 100 })) },
  { additionalProperties: false },
);
export type SharedChange = Static<typeof SharedChange>;

/*
 * `GET /s/:token/api/events`: a stream of server-sent events; `changed` says that the link may have ended or allows something else,
 * and that the page is to ask for `info` again.
 *
 * Pictures: `GET /s/:token/api/files/:id/preview?variant=small|small_square|large&version=`; 204 where there is none. A link with a
 * limit of downloads gives small ones; one that lets nobody download gives no picture as it is, only these.
 *
 * Bytes, for links of the page: `GET /s/:token/api/files/:id/content?disposition=inline|attachment` (ranges),
 * `GET /s/:token/api/archive` (all of it) or `?ids=a,b` (some of it), a ZIP stream.
 */
