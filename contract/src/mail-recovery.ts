import { type Static, Type } from "typebox";

const DateTime = Type.String({ format: "date-time" });

/** A copy that was deleted and can still be brought back. */
export const RecoverableMessage = Type.Object({
  id: Type.String(),
  subject: Type.String(),
  preview: Type.String(),
  from: Type.Array(Type.Object({ name: Type.Union([Type.String(), Type.Null()]), email: Type.String() })),
  /** Where it was; the mailbox may be deleted too: then, as from the trash, it comes back to the inbox. */
  mailboxId: Type.String(),
  mailboxName: Type.String(),
  receivedAt: DateTime,
  deletedAt: DateTime,
  /** Bytes. */
  size: Type.Integer({ minimum: 0 }),
});
export type RecoverableMessage = Static<typeof RecoverableMessage>;

/** A mailbox that was deleted, with what is left of it. */
export const RecoverableMailbox = Type.Object({
  id: Type.String(),
  /** From the top, the deleted mailboxes above it included. */
  path: Type.Array(Type.String()),
  deletedAt: DateTime,
  messages: Type.Integer({ minimum: 0 }),
  /** Bytes. */
  size: Type.Integer({ minimum: 0 }),
});
export type RecoverableMailbox = Static<typeof RecoverableMailbox>;

/**
 * `GET /api/mail/recovery?accountId=…&before=…&text=…`: what the owner, or whoever may write in the account, can bring back; last
 * deleted first, 50 at a time. With a text: messages whose subject, beginning or sender contain it, accents and case aside.
 */
export const Recoverable = Type.Object({
  /** Days that what is deleted stays recoverable. */
  days: Type.Integer({ minimum: 1 }),
  mailboxes: Type.Array(RecoverableMailbox),
  messages: Type.Array(RecoverableMessage),
  /** For `before`, when there is more. */
  next: Type.Optional(Type.String()),
});
export type Recoverable = Static<typeof Recoverable>;

/** `POST /api/mail/recovery/messages`: 200 with how many came back; 409 `over_quota`: none did. */
export const RestoreMessages = Type.Object(
  { accountId: Type.String(), ids: Type.Array(Type.String(), { minItems: 1, maxItems: 500 }) },
  { additionalProperties: false },
);
export type RestoreMessages = Static<typeof RestoreMessages>;

/** `POST /api/mail/recovery/mailboxes`: a mailbox with what was in it. */
export const RestoreMailbox = Type.Object(
  { accountId: Type.String(), mailboxId: Type.String() },
  { additionalProperties: false },
);
export type RestoreMailbox = Static<typeof RestoreMailbox>;

/**
 * `POST /api/mail/recovery/period`: everything deleted between two moments. The administrator of the organization may do this for
 * anybody in it, without seeing what it is.
 */
export const RestorePeriod = Type.Object(
  { accountId: Type.String(), since: DateTime, until: DateTime },
  { additionalProperties: false },
);
export type RestorePeriod = Static<typeof RestorePeriod>;

export const Restored = Type.Object({ restored: Type.Integer({ minimum: 0 }) });
export type Restored = Static<typeof Restored>;

/** `POST /api/people/:uid/deleted-mail` on the portal: the same for the administrator's people, by who they are. 404 `not_found`. */
export const RestorePeriodOfPerson = Type.Object({ since: DateTime, until: DateTime }, { additionalProperties: false });
export type RestorePeriodOfPerson = Static<typeof RestorePeriodOfPerson>;

/** `GET /api/mail/recovery/summary?accountId=…`, or `GET /api/people/:uid/deleted-mail` on the portal, for the administrator: how much, day by day, and no more than that. */
export const RecoverySummary = Type.Object({
  days: Type.Integer({ minimum: 1 }),
  deleted: Type.Array(
    Type.Object({
      /** In the time zone of the account's owner. */
      day: Type.String({ format: "date" }),
      messages: Type.Integer({ minimum: 0 }),
      /** Bytes. */
      size: Type.Integer({ minimum: 0 }),
    }),
  ),
});
export type RecoverySummary = Static<typeof RecoverySummary>;
