import { type Static, type TSchema, Type } from "typebox";

/*
 * The JSON API of the drive host, going on: devices that changed too much at once, and going back to how things were. Dates are
 * RFC 3339 in UTC; errors as in drive.ts.
 */

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Id = Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" });
const DateTime = Type.String({ format: "date-time" });
const Count = Type.Integer({ minimum: 0 });

/** What a roll-back does with something. */
export const rollbackKinds = [
  "restored", // out of the trash, or from beneath something in it
  "moved", // back to its place or its name
  "replaced", // its content of then
  "trashed", // it came since
  "left", // it cannot be as it was; `reason` says why
] as const;
export type RollbackKind = (typeof rollbackKinds)[number];
const RollbackKind = Type.Unsafe<RollbackKind>(Type.Union(rollbackKinds.map((kind) => Type.Literal(kind))));

/** `moved_away`: it is in another space. `content_gone`, `gone`: not kept any more. `holds_this`: the folder is in it now. */
export const leftReasons = ["moved_away", "content_gone", "gone", "holds_this"] as const;
export type LeftReason = (typeof leftReasons)[number];

const RollbackCount = Type.Object({
  items: Count,
  /** That they are or hold. */
  files: Count,
});

export const Rollback = Type.Object({
  counts: Type.Object(
    Object.fromEntries(rollbackKinds.map((kind) => [kind, RollbackCount])) as Record<
      RollbackKind,
      typeof RollbackCount
    >,
  ),
  /** The first hundred of each kind; none for an administrator who may not read the space. */
  items: Type.Array(
    Type.Object({
      kind: RollbackKind,
      nodeId: Id,
      nodeKind: Type.Union([Type.Literal("folder"), Type.Literal("file")]),
      /** Names from the space's root, its own last; null for what is in the trash. */
      from: Nullable(Type.Array(Type.String())),
      /** Null for what goes to the trash. */
      to: Nullable(Type.Array(Type.String())),
      files: Count,
      reason: Nullable(Type.Unsafe<LeftReason>(Type.Union(leftReasons.map((reason) => Type.Literal(reason))))),
    }),
  ),
  /** Given back with the order, so that nothing else is done than what was shown. */
  state: Count,
});
export type Rollback = Static<typeof Rollback>;

/**
 * `POST /api/drive/folders/:id/rollback/preview` → `Rollback`, nothing is written. The root of a space: the whole space.
 * 400 `bad_request` with `too_long_ago`, `in_future`, `not_there`; 413 `too_large`.
 */
export const RollbackMoment = Type.Object({ at: DateTime }, { additionalProperties: false });
export type RollbackMoment = Static<typeof RollbackMoment>;

/** `POST /api/drive/folders/:id/rollback` → `Rollback`, done. 409 `conflict` with `changed` when `state` has moved; 507 `over_quota`. */
export const RollbackOrder = Type.Object({ at: DateTime, state: Count }, { additionalProperties: false });
export type RollbackOrder = Static<typeof RollbackOrder>;

/** A device whose writes to a space wait until somebody decides. */
export const DevicePause = Type.Object({
  accountId: Id,
  deviceId: Id,
  deviceName: Type.String(),
  /** Whose device it is. */
  personName: Type.String(),
  isMine: Type.Boolean(),
  /** Of the space. */
  spaceName: Type.String(),
  isMySpace: Type.Boolean(),
  pausedAt: DateTime,
  /** The moment before the first of its changes. */
  before: DateTime,
  /** Files, with the change that was refused. */
  changed: Count,
  total: Count,
  /** What it did before it was paused. */
  deleted: Count,
  renamed: Count,
  replaced: Count,
  canRollBack: Type.Boolean(),
  rolledBackAt: Nullable(DateTime),
});
export type DevicePause = Static<typeof DevicePause>;

/** `GET /api/drive/pauses`: those that the viewer may decide about. */
export const DevicePauses = Type.Object({ pauses: Type.Array(DevicePause) });
export type DevicePauses = Static<typeof DevicePauses>;

/** `POST /api/drive/pauses/allow` → 204: the device goes on, for an hour without a brake. `POST /api/drive/pauses/rollback/preview` → `Rollback`. */
export const PausedDevice = Type.Object({ accountId: Id, deviceId: Id }, { additionalProperties: false });
export type PausedDevice = Static<typeof PausedDevice>;

/** `POST /api/drive/pauses/rollback` → `Rollback`, done: the space is as before the device's changes. The device stays paused. */
export const PauseRollback = Type.Object(
  { accountId: Id, deviceId: Id, state: Count },
  { additionalProperties: false },
);
export type PauseRollback = Static<typeof PauseRollback>;

/** `POST /api/drive/nodes/weigh` → `Weight`: whether something is so much that a person is asked first. */
export const WeighedAct = Type.Object(
  {
    ids: Type.Array(Id, { minItems: 1, maxItems: 5_000 }),
    act: Type.Union([Type.Literal("trash"), Type.Literal("move")]),
  },
  { additionalProperties: false },
);
export type WeighedAct = Static<typeof WeighedAct>;

/** `POST /api/drive/folders/{id}/weigh` → `Weight`: how many files an upload into a folder would replace. Paths from there on: `a/b.txt`. */
export const WeighedUpload = Type.Object(
  { paths: Type.Array(Type.String({ minLength: 1, maxLength: 8_000 }), { minItems: 1, maxItems: 5_000 }) },
  { additionalProperties: false },
);
export type WeighedUpload = Static<typeof WeighedUpload>;

export const Weight = Type.Object({ files: Count, total: Count, isMuch: Type.Boolean() });
export type Weight = Static<typeof Weight>;
