import { type Static, Type } from "typebox";

/** What became of one message for one recipient. */
export const TraceOutcome = Type.Union([
  Type.Literal("delivered"),
  Type.Literal("refused"),
  Type.Literal("deferred"),
  Type.Literal("quarantined"),
  Type.Literal("held"),
  Type.Literal("junk"),
  Type.Literal("discarded"),
  Type.Literal("queued"),
  Type.Literal("sent"),
  Type.Literal("failed"),
]);

const Text = Type.String({ maxLength: 320 });
const Instant = Type.String({ format: "date-time" });

/** `GET /api/mail-trace`: an administrator sees their organization's, anybody else their own. */
export const TraceRequest = Type.Object({
  /** Sender or recipient: an address, or a part of one such as `prefecture.fr`. */
  address: Type.Optional(Text),
  sender: Type.Optional(Text),
  recipient: Type.Optional(Text),
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
  outcome: Type.Optional(TraceOutcome),
  /** In the subject, the Message-ID, the detail or an address. */
  text: Type.Optional(Text),
  page: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});

export const TraceItem = Type.Object({
  id: Type.String(),
  at: Type.String(),
  direction: Type.Union([Type.Literal("in"), Type.Literal("out")]),
  /** Empty for a notification. */
  sender: Type.String(),
  /** Empty when the sender was refused before a recipient was named. */
  recipient: Type.String(),
  outcome: TraceOutcome,
  /** RFC 3463. */
  status: Type.String(),
  detail: Type.String(),
  remoteAddress: Type.String(),
  messageId: Type.String(),
  subject: Type.String(),
  size: Type.Integer(),
});
export type TraceItem = Static<typeof TraceItem>;

/** Newest first. */
export const TraceList = Type.Object({
  items: Type.Array(TraceItem),
  next: Type.Union([Type.String(), Type.Null()]),
});
export type TraceList = Static<typeof TraceList>;

/** `GET /api/paused-senders`, for administrators: who may not send until `POST /api/paused-senders/:id/resume`. */
export const PausedSenderList = Type.Object({
  senders: Type.Array(
    Type.Object({
      /** Of the principal. */
      id: Type.String(),
      organizationId: Type.String(),
      displayName: Type.String(),
      address: Type.Union([Type.String(), Type.Null()]),
      reason: Type.Union([
        Type.Literal("messages"),
        Type.Literal("recipients"),
        Type.Literal("unknown_recipients"),
        Type.Literal("networks"),
        Type.Literal("administrator"),
      ]),
      detail: Type.String(),
      pausedAt: Type.String(),
    }),
  ),
});
export type PausedSenderList = Static<typeof PausedSenderList>;
