import { type Static, Type } from "typebox";

/** Bytes. */
export const Usage = Type.Object({ usedBytes: Type.Number(), limitBytes: Type.Number() });
export type Usage = Static<typeof Usage>;

export const ServiceState = Type.Union([Type.Literal("ok"), Type.Literal("slow"), Type.Literal("down")]);
export type ServiceState = Static<typeof ServiceState>;

export const RecentDocument = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** Name of the folder that holds it; empty at the top. */
  folder: Type.String(),
  mediaType: Type.String(),
  changedAt: Type.String({ format: "date-time" }),
  /** Display name of whoever changed it last; empty when unknown. */
  changedBy: Type.String(),
  /** Absolute, on the drive's host. */
  url: Type.String(),
});
export type RecentDocument = Static<typeof RecentDocument>;

/**
 * `GET /api/home` (portal). A part that cannot be read is null and its service's state is `down`: the page still opens.
 */
export const Home = Type.Object({
  mail: Type.Union([
    Type.Object({
      unread: Type.Integer({ minimum: 0 }),
      /** Latest unread message of the inbox. */
      latest: Type.Union([
        Type.Object({
          from: Type.String(),
          subject: Type.String(),
          receivedAt: Type.String({ format: "date-time" }),
        }),
        Type.Null(),
      ]),
      usage: Usage,
    }),
    Type.Null(),
  ]),
  drive: Type.Union([Type.Object({ usage: Usage, recent: Type.Array(RecentDocument) }), Type.Null()]),
  services: Type.Array(
    Type.Object({
      name: Type.Union([Type.Literal("mail"), Type.Literal("drive")]),
      state: ServiceState,
      since: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
    }),
  ),
});
export type Home = Static<typeof Home>;
