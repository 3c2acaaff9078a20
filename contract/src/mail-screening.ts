import { type Static, type TSchema, Type } from "typebox";

/*
 * Of the mail host. With `accountId` what concerns one mailbox, for whoever may write in it; without, what concerns the whole
 * organization, for its administrator (403 `forbidden` for others).
 */

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** `GET /api/mail/quarantine`: what was kept back, the newest first; `before` is the `next` of the page before. */
export const QuarantineQuery = Type.Object({
  accountId: Type.Optional(Type.String()),
  before: Type.Optional(Type.String({ maxLength: 100 })),
});

export const QuarantinedMessage = Type.Object({
  id: Type.String(),
  reason: Type.Enum(["virus", "spam", "policy", "sender"]),
  /** One line, in English: the name of the virus, the policy. */
  detail: Type.String(),
  returnPath: Type.String(),
  sender: Type.String(),
  subject: Type.String(),
  receivedAt: Type.String({ format: "date-time" }),
  /** Bytes. */
  size: Type.Integer({ minimum: 0 }),
  /** A message with a virus can be released by an administrator only. */
  mayRelease: Type.Boolean(),
  /** The mailboxes it was for, of those that the viewer asks about. */
  accounts: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), address: Nullable(Type.String()) })),
});
export type QuarantinedMessage = Static<typeof QuarantinedMessage>;

export const Quarantine = Type.Object({
  /** Days that a message stays. */
  days: Type.Integer({ minimum: 1 }),
  messages: Type.Array(QuarantinedMessage),
  next: Type.Optional(Type.String()),
});
export type Quarantine = Static<typeof Quarantine>;

/** `POST /api/mail/quarantine/:id/release?…` and `DELETE /api/mail/quarantine/:id?…` → 204; 404 when somebody decided already. */
export const ScreeningScope = Type.Object({ accountId: Type.Optional(Type.String()) });
export type ScreeningScope = Static<typeof ScreeningScope>;

/** `GET /api/mail/sender-rules?…`: the allow and block list. */
export const SenderRule = Type.Object({
  id: Type.String(),
  kind: Type.Enum(["allow", "block"]),
  /** An address, or a domain, which stands for those beneath it too. */
  pattern: Type.String(),
  createdAt: Type.String({ format: "date-time" }),
});
export type SenderRule = Static<typeof SenderRule>;
export const SenderRules = Type.Object({ rules: Type.Array(SenderRule) });

/** `POST /api/mail/sender-rules?…` → 201 SenderRule; `DELETE /api/mail/sender-rules/:id?…` → 204. */
export const NewSenderRule = Type.Object(
  { kind: Type.Enum(["allow", "block"]), pattern: Type.String({ minLength: 1, maxLength: 320 }) },
  { additionalProperties: false },
);
export type NewSenderRule = Static<typeof NewSenderRule>;

/** `GET /api/mail/screening-policy`, `PATCH /api/mail/screening-policy` (any of the fields): the administrator's. */
export const ScreeningPolicy = Type.Object({
  dmarcReject: Type.Enum(["refuse", "quarantine", "junk", "ignore"]),
  dmarcQuarantine: Type.Enum(["refuse", "quarantine", "junk", "ignore"]),
  arcOverrides: Type.Boolean(),
  trustedSealers: Type.Array(Type.String({ maxLength: 255 }), { maxItems: 200 }),
  rspamdReject: Type.Enum(["refuse", "quarantine", "junk"]),
  dnsList: Type.Enum(["refuse", "junk", "ignore"]),
  virus: Type.Enum(["quarantine", "refuse"]),
  /** 1 turns the classifier off. */
  junkThreshold: Type.Number({ minimum: 0.5, maximum: 1 }),
  minimumLearned: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
});
export type ScreeningPolicy = Static<typeof ScreeningPolicy>;
export const ScreeningPolicyChange = Type.Partial(ScreeningPolicy, { additionalProperties: false });
