import { type Static, Type } from "typebox";

/** A message to a moderated group, which waits for one of its moderators. */
export const HeldMessage = Type.Object({
  id: Type.String(),
  group: Type.Object({ id: Type.String(), name: Type.String(), address: Type.String() }),
  /** Of From: a name with its address, or the address. */
  author: Type.String(),
  subject: Type.String(),
  preview: Type.String(),
  /** Bytes. */
  size: Type.Integer({ minimum: 0 }),
  receivedAt: Type.String({ format: "date-time" }),
  /** Unanswered, it is returned to its author then. */
  returnAt: Type.String({ format: "date-time" }),
  /** False when nothing proves who wrote it: it is then neither returned nor is a reason told to anybody. */
  isAuthorTold: Type.Boolean(),
});
export type HeldMessage = Static<typeof HeldMessage>;

/** `GET /api/mail/moderation`: what waits for the person's decision, the oldest first. */
export const HeldMessages = Type.Object({ messages: Type.Array(HeldMessage) });
export type HeldMessages = Static<typeof HeldMessages>;

/** `GET /api/mail/moderation/:id/message`: the whole message (message/rfc822), attachments included; 404 `not_found`. */

/** `POST /api/mail/moderation/:id`: 204; 404 `not_found`, 409 `conflict` when somebody decided meanwhile. */
export const ModerationDecision = Type.Object(
  {
    verdict: Type.Union([Type.Literal("accept"), Type.Literal("refuse")]),
    /** Told to the author of a refused message. */
    reason: Type.Optional(Type.String({ maxLength: 1_000 })),
  },
  { additionalProperties: false },
);
export type ModerationDecision = Static<typeof ModerationDecision>;
