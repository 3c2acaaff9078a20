import { type Static, type TSchema, Type } from "typebox";

/*
 * The JSON API of the drive host. Every request is a signed-in person's; unsafe ones carry `csrfHeader`. Errors have the
 * shape of `ErrorBody`, with `reason` when one of `driveErrorReasons` says more. What belongs to somebody else, or lies
 * under a folder in the trash, is 404 `not_found`. Ids are UUIDs; dates are RFC 3339 in UTC; sizes are bytes.
 */

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Id = Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" });
const DateTime = Type.String({ format: "date-time" });
const Size = Type.Integer({ minimum: 0 });

/** Says more than `code`: `conflict` has the first three, `bad_request` the next ones. */
export const driveErrorReasons = [
  "name_taken", // another live node of the folder has this name (equal in NFC)
  "into_itself", // a folder cannot be put in itself or beneath itself
  "not_a_folder", // the target is a file, or a file would replace a folder
  "name_empty",
  "name_too_long", // more than 255 bytes in UTF-8
  "name_forbidden", // has a slash or a control character, or is . or ..
  "too_deep", // more than 128 levels of folders
  "is_root", // the root of a space cannot be renamed, moved or deleted
  "in_future", // a roll-back to a moment that has not come
  "too_long_ago", // … before what is kept
  "not_there", // … at which the folder was not there
  "changed", // something was changed since the preview
] as const;
export type DriveErrorReason = (typeof driveErrorReasons)[number];
export const DriveErrorReason = Type.Unsafe<DriveErrorReason>(
  Type.Union(driveErrorReasons.map((reason) => Type.Literal(reason))),
);

/** What to do when the name is taken: refuse with 409, make a new version of the file, or « rapport (2).pdf ». */
export const onConflictModes = ["fail", "replace", "rename"] as const;
export const OnConflict = Type.Union([Type.Literal("fail"), Type.Literal("replace"), Type.Literal("rename")]);
export type OnConflict = Static<typeof OnConflict>;

export const NodeKind = Type.Union([Type.Literal("folder"), Type.Literal("file")]);
export type NodeKind = Static<typeof NodeKind>;

/** What the viewer may do with a node; the same for everything of one space. */
export const Permissions = Type.Object({
  /** Rename, and give a file another content. With `canDelete` also move. */
  canWrite: Type.Boolean(),
  /** Upload, make folders, and put there what is moved or copied. */
  canCreate: Type.Boolean(),
  canDelete: Type.Boolean(),
  /** Make links for outside people. */
  canShare: Type.Boolean(),
});
export type Permissions = Static<typeof Permissions>;

export const DriveNode = Type.Object({
  id: Id,
  /** Null for the root of a space, and for what is in the trash. */
  parentId: Nullable(Id),
  accountId: Id,
  /** Empty for the root of a space: show the space's name. */
  name: Type.String(),
  kind: NodeKind,
  /** Of a file: its bytes. Of a folder: all bytes beneath it. */
  size: Size,
  /** Folders only: how many nodes stand directly in it. */
  childCount: Nullable(Type.Integer({ minimum: 0 })),
  contentType: Type.String(),
  /** Changes with the content only; null for a folder. */
  versionId: Nullable(Id),
  modifiedAt: DateTime,
  /** Display name of who changed it last, when known. */
  modifiedBy: Nullable(Type.String()),
  createdAt: DateTime,
  /** Links of this very node that work now. */
  linkCount: Type.Integer({ minimum: 0 }),
});
export type DriveNode = Static<typeof DriveNode>;

/** Bytes. The trash counts in `used`; old versions and what left the trash do not. */
export const Usage = Type.Object({ used: Size, limit: Size, trash: Size });
export type Usage = Static<typeof Usage>;

/** A drive that the viewer may open: their own first, then those of shared mailboxes, groups and team folders. */
export const Space = Type.Object({
  accountId: Id,
  rootId: Id,
  name: Type.String(),
  ownerKind: Type.Union([
    Type.Literal("person"),
    Type.Literal("group"),
    Type.Literal("resource"),
    Type.Literal("shared_mailbox"),
    Type.Literal("team_folder"),
  ]),
  isOwn: Type.Boolean(),
  permissions: Permissions,
  usage: Usage,
});
export type Space = Static<typeof Space>;

/** `GET /api/drive/spaces` */
export const SpaceList = Type.Object({ spaces: Type.Array(Space) });
export type SpaceList = Static<typeof SpaceList>;

/** From the root of the space (its name is empty) to the node itself. */
export const Crumb = Type.Object({ id: Id, name: Type.String() });
export type Crumb = Static<typeof Crumb>;

export const SortKey = Type.Union([Type.Literal("name"), Type.Literal("modified"), Type.Literal("size")]);
export type SortKey = Static<typeof SortKey>;

/**
 * `GET /api/drive/folders/:id?…`: folders first. The answer has an ETag (it is `state`): send it back in If-None-Match to
 * get 304 while nothing changed in the folder, beneath it, or in its links.
 */
export const FolderQuery = Type.Object({
  sort: Type.Optional(SortKey),
  direction: Type.Optional(Type.Union([Type.Literal("asc"), Type.Literal("desc")])),
  /** `next` of the page before. */
  after: Type.Optional(Type.String({ maxLength: 2000 })),
  /** 1 to 1000; 200 when absent. */
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});
export type FolderQuery = Static<typeof FolderQuery>;

export const FolderListing = Type.Object({
  folder: DriveNode,
  path: Type.Array(Crumb),
  permissions: Permissions,
  nodes: Type.Array(DriveNode),
  /** Give it as `after` for the next page; null on the last one. */
  next: Nullable(Type.String()),
  state: Type.String(),
});
export type FolderListing = Static<typeof FolderListing>;

/** What somebody may do with what is shared with them; `create` is to add files and folders. */
export const ShareRight = Type.Union([
  Type.Literal("read"),
  Type.Literal("write"),
  Type.Literal("create"),
  Type.Literal("delete"),
  Type.Literal("share"),
]);
export type ShareRight = Static<typeof ShareRight>;

const SharedThing = Type.Object({ id: Id, name: Type.String(), kind: NodeKind, accountId: Id });

/** A link for outside people. `GET /api/drive/links` (mine), `GET /api/drive/nodes/:id/links`. */
export const ShareLink = Type.Object({
  id: Id,
  /** The whole address to copy; null when the viewer may not copy it again. */
  url: Nullable(Type.String()),
  node: SharedThing,
  /** `create` alone: a file request. Never `share`. */
  rights: Type.Array(ShareRight),
  mayDownload: Type.Boolean(),
  downloadLimit: Nullable(Type.Integer()),
  downloadCount: Type.Integer(),
  label: Nullable(Type.String()),
  note: Nullable(Type.String()),
  /** The address to which it was mailed. */
  recipient: Nullable(Type.String()),
  hasPassword: Type.Boolean(),
  expiresAt: Nullable(DateTime),
  createdAt: DateTime,
  createdBy: Nullable(Type.String()),
  /** `removed`: what it leads to is in the trash or gone; it works again when restored. `used_up`: downloaded as often as it may be. */
  state: Type.Union([
    Type.Literal("active"),
    Type.Literal("expired"),
    Type.Literal("removed"),
    Type.Literal("used_up"),
  ]),
  openedCount: Type.Integer({ minimum: 0 }),
  lastOpenedAt: Nullable(DateTime),
});
export type ShareLink = Static<typeof ShareLink>;

export const ShareLinkList = Type.Object({ links: Type.Array(ShareLink) });
export type ShareLinkList = Static<typeof ShareLinkList>;

/** `POST /api/drive/nodes/:id/links` → 201 `ShareLink`. 400 `bad_request` with `field`; 403 `beyond` for more than one may do oneself. */
export const NewShareLink = Type.Object(
  {
    label: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
    /** At least 8 characters. */
    password: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
    /** In the future. */
    expiresAt: Type.Optional(Nullable(DateTime)),
    /** Reading alone when absent. */
    rights: Type.Optional(Type.Array(ShareRight, { maxItems: 10 })),
    mayDownload: Type.Optional(Type.Boolean()),
    downloadLimit: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
    note: Type.Optional(Nullable(Type.String({ maxLength: 2_000 }))),
    /** The link is mailed there. */
    recipient: Type.Optional(Nullable(Type.String({ maxLength: 320 }))),
  },
  { additionalProperties: false },
);
export type NewShareLink = Static<typeof NewShareLink>;

/** `PATCH /api/drive/links/:id` → `ShareLink`; `DELETE` → 204 revokes it for good. Null takes the password or the date away. */
export const ShareLinkChange = NewShareLink;
export type ShareLinkChange = NewShareLink;

/** `GET /api/drive/links/:id/visits`, newest first, at most 200. `POST /api/drive/links/:id/mail` → 204 mails it again. */
export const LinkVisits = Type.Object({
  visits: Type.Array(
    Type.Object({
      at: DateTime,
      action: Type.Union([
        Type.Literal("opened"),
        Type.Literal("downloaded"),
        Type.Literal("uploaded"),
        Type.Literal("changed"),
      ]),
      visitorName: Nullable(Type.String()),
      /** Not the whole address. */
      network: Type.String(),
      nodeName: Nullable(Type.String()),
    }),
  ),
});
export type LinkVisits = Static<typeof LinkVisits>;

/** Somebody of the directory. `GET /api/drive/sharees?q=`: with whom one may share. */
export const Sharee = Type.Object({
  uid: Type.String(),
  name: Type.String(),
  kind: Type.Union([Type.Literal("person"), Type.Literal("group")]),
  address: Nullable(Type.String()),
  /** Null: of one's own organization. */
  organization: Nullable(Type.String()),
});
export type Sharee = Static<typeof Sharee>;
export const ShareeList = Type.Object({ sharees: Type.Array(Sharee) });
export type ShareeList = Static<typeof ShareeList>;

/** With a person or a group. */
export const NodeShare = Type.Object({
  number: Type.Integer(),
  node: SharedThing,
  with: Sharee,
  rights: Type.Array(ShareRight),
  owner: Type.String(),
  createdBy: Nullable(Type.String()),
  createdAt: DateTime,
  expiresAt: Nullable(DateTime),
  note: Nullable(Type.String()),
});
export type NodeShare = Static<typeof NodeShare>;

/** `GET /api/drive/nodes/:id/shares`; `inherited` come from folders above. `mayGive` is what the viewer may give on. */
export const NodeShares = Type.Object({
  shares: Type.Array(NodeShare),
  inherited: Type.Array(NodeShare),
  mayGive: Type.Array(ShareRight),
});
export type NodeShares = Static<typeof NodeShares>;

/** `POST /api/drive/nodes/:id/shares` → 201 `NodeShare`; 409 `conflict` when it is shared with them already. */
export const NewNodeShare = Type.Object(
  {
    uid: Type.String({ maxLength: 320 }),
    rights: Type.Array(ShareRight, { minItems: 1, maxItems: 10 }),
    expiresAt: Type.Optional(Nullable(DateTime)),
    note: Type.Optional(Nullable(Type.String({ maxLength: 2_000 }))),
  },
  { additionalProperties: false },
);
export type NewNodeShare = Static<typeof NewNodeShare>;

/** `PATCH /api/drive/shares/:number` → `NodeShare`; `DELETE` → `ShareEnd` ends it, or leaves it for who receives it. */
export const NodeShareChange = Type.Object(
  {
    rights: Type.Optional(Type.Array(ShareRight, { minItems: 1, maxItems: 10 })),
    expiresAt: Type.Optional(Nullable(DateTime)),
    note: Type.Optional(Nullable(Type.String({ maxLength: 2_000 }))),
  },
  { additionalProperties: false },
);
export type NodeShareChange = Static<typeof NodeShareChange>;

/** With `undo`, for an hour: `POST /api/drive/shares/restore` → 201 `NodeShare`, as it was. Null for whoever left a share. */
export interface ShareEnd {
  readonly undo: string | null;
}
export const EndedShare = Type.Object({ undo: Type.String({ maxLength: 500_000 }) }, { additionalProperties: false });

const OutsideLink = Type.Object({
  link: ShareLink,
  space: Type.String(),
  /** Names from the root of the space, its own last. */
  path: Type.Array(Type.String()),
});
export type OutsideLink = Static<typeof OutsideLink>;

/** What people outside of the organization may reach. */
export const SharedOutside = Type.Object({ links: Type.Array(OutsideLink), shares: Type.Array(NodeShare) });
export type SharedOutside = Static<typeof SharedOutside>;

/** `GET /api/drive/shared` */
export const SharedOverview = Type.Object({
  withMe: Type.Array(Type.Object({ share: NodeShare, path: Type.Array(Type.String()) })),
  byMe: Type.Array(NodeShare),
  outside: SharedOutside,
  /** Whether the viewer may see what the whole organization shares: `GET /api/drive/organization/shared`. */
  isAdministrator: Type.Boolean(),
});
export type SharedOverview = Static<typeof SharedOverview>;

/*
 * For administrators: `GET /api/drive/organization/shared` → `SharedOutside`; `DELETE /api/drive/organization/links/:id` → 204,
 * `DELETE /api/drive/organization/shares/:number` → `ShareEnd`.
 */

/** `GET /api/drive/nodes/:id` */
export const NodeDetails = Type.Object({
  node: DriveNode,
  path: Type.Array(Crumb),
  permissions: Permissions,
  links: Type.Array(ShareLink),
});
export type NodeDetails = Static<typeof NodeDetails>;

/** `POST /api/drive/folders/:id/folders` → 201 `DriveNode`. `replace` answers the folder that is there. */
export const NewFolder = Type.Object(
  { name: Type.String(), onConflict: Type.Optional(OnConflict) },
  { additionalProperties: false },
);
export type NewFolder = Static<typeof NewFolder>;

/**
 * `PUT /api/drive/folders/:id/files/:name?onConflict=…&modifiedAt=…`, the body being the file → 201 `DriveNode` once it is
 * safe; 507 `over_quota` or `storage_full`, before the body is read when Content-Length tells; 409 `conflict`.
 * The name is percent-encoded UTF-8; `onConflict` is `fail` when absent; `modifiedAt` the file's own date.
 */
export const UploadQuery = Type.Object({
  onConflict: Type.Optional(OnConflict),
  modifiedAt: Type.Optional(DateTime),
});
export type UploadQuery = Static<typeof UploadQuery>;

/** `PATCH /api/drive/nodes/:id` → `DriveNode`; 409 `conflict` with `name_taken`. */
export const NodeChange = Type.Object({ name: Type.String() }, { additionalProperties: false });
export type NodeChange = Static<typeof NodeChange>;

const Ids = Type.Array(Id, { minItems: 1, maxItems: 500 });

/** `POST /api/drive/nodes/move`, `POST /api/drive/nodes/copy` → `BatchResult` (copying beside itself needs `rename`). */
export const Transfer = Type.Object(
  { ids: Ids, folderId: Id, onConflict: Type.Optional(OnConflict) },
  { additionalProperties: false },
);
export type Transfer = Static<typeof Transfer>;

/**
 * `POST /api/drive/nodes/trash`, `POST /api/drive/trash/restore` (to where it was, or the root when that is gone; a taken
 * name gets a number), `POST /api/drive/trash/delete` → `BatchResult`.
 */
export const NodeIds = Type.Object({ ids: Ids }, { additionalProperties: false });
export type NodeIds = Static<typeof NodeIds>;

/** One result for each id, in order. Each is done or not on its own: 200 even when some failed. */
export const BatchResult = Type.Object({
  results: Type.Array(
    Type.Object({
      id: Id,
      /** As it is now; null when it failed, or when it is in the trash or gone. */
      node: Nullable(DriveNode),
      error: Nullable(
        Type.Object({ code: Type.String(), message: Type.String(), reason: Type.Optional(DriveErrorReason) }),
      ),
    }),
  ),
});
export type BatchResult = Static<typeof BatchResult>;

export const TrashedNode = Type.Object({
  node: DriveNode,
  removedAt: DateTime,
  removedBy: Nullable(Type.String()),
  /** Where it would be restored: path of the folder, `/` for the root. */
  from: Type.String(),
});
export type TrashedNode = Static<typeof TrashedNode>;

/**
 * `GET /api/drive/trash?accountId=&state=trashed|deleted`, last removed first; `deleted` left the trash less than `recoveryDays` ago
 * and can be restored all the same. `POST /api/drive/trash/empty` with `{ accountId }` → 204.
 */
export const TrashListing = Type.Object({
  nodes: Type.Array(TrashedNode),
  usage: Usage,
  recoveryDays: Type.Integer({ minimum: 1 }),
});
export type TrashListing = Static<typeof TrashListing>;
export const EmptyTrash = Type.Object({ accountId: Id }, { additionalProperties: false });
export type EmptyTrash = Static<typeof EmptyTrash>;

/** `GET /api/drive/search?q=&accountId=` (in all spaces without `accountId`), `GET /api/drive/recent`: 100 at most. */
export const FoundNodes = Type.Object({
  nodes: Type.Array(
    Type.Object({
      node: DriveNode,
      /** Names of the folders above, from the root's first child: `["2026", "Budget"]`. */
      path: Type.Array(Type.String()),
    }),
  ),
});
export type FoundNodes = Static<typeof FoundNodes>;

/** `PATCH /api/drive/files/:id/versions/:versionId` → 204; an empty label takes the name away. */
export const VersionChange = Type.Object({ label: Type.String({ maxLength: 200 }) }, { additionalProperties: false });
export type VersionChange = Static<typeof VersionChange>;

/** `GET /api/drive/files/:id/versions`, newest first; `POST /api/drive/files/:id/versions/:versionId/restore` → `DriveNode`. */
export const FileVersions = Type.Object({
  versions: Type.Array(
    Type.Object({
      id: Id,
      size: Size,
      createdAt: DateTime,
      createdBy: Nullable(Type.String()),
      isCurrent: Type.Boolean(),
      /** The name that somebody gave it: it is not thinned out. */
      label: Nullable(Type.String()),
      /** Kept by the thinning schedule; the others stay for the recovery period only. */
      isMilestone: Type.Boolean(),
      /** More than the virus scanner takes: nobody has looked for viruses in it. */
      isUnscanned: Type.Boolean(),
    }),
  ),
});
export type FileVersions = Static<typeof FileVersions>;

/*
 * Bytes, for links of the page: `GET /api/drive/files/:id/content?disposition=inline|attachment&version=` (ranges; never a
 * page of ours: inline only for images, audio, video and plain text), `GET /api/drive/archive?ids=a,b` (a ZIP stream).
 * `GET /api/drive/usage?accountId=` → `Usage`.
 */
