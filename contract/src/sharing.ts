import { type Static, type TSchema, Type } from "typebox";
import { Crumb, FolderQuery, NodeKind } from "./drive.ts";

/*
 * What an outside person with a link sees: `/s/<token>` is the page, `/s/<token>/api/…` its API. No account, no CSRF token;
 * a link with a password is opened by `unlock`, which sets a cookie for this link alone. `token` comes from the page's address.
 */

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** With 410 `gone`: why a link that existed leads nowhere. An address that never existed is 404 `not_found`. */
export const shareGoneReasons = ["expired", "revoked", "removed"] as const;
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
  modifiedAt: Type.String({ format: "date-time" }),
});
export type SharedNode = Static<typeof SharedNode>;

/**
 * `GET /s/:token/api/info`: 200; 404 `not_found`, 410 `gone` with `reason`, 429 `throttled`. A link that waits for its password
 * tells who shared it and nothing of what it leads to.
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
    node: SharedNode,
  }),
]);
export type ShareInfo = Static<typeof ShareInfo>;

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

/*
 * Bytes, for links of the page: `GET /s/:token/api/files/:id/content?disposition=inline|attachment` (ranges),
 * `GET /s/:token/api/archive` (all of it) or `?ids=a,b` (some of it), a ZIP stream.
 */
