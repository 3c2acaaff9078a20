import { type Static, Type } from "typebox";

export const MailForward = Type.Object({
  /** 1 to 10. */
  addresses: Type.Array(Type.String({ maxLength: 320 }), { minItems: 1, maxItems: 10 }),
  /** False: what is sent on is not kept in the mailbox. */
  keepsCopy: Type.Boolean(),
});
export type MailForward = Static<typeof MailForward>;

/** `GET /api/mail/forward?accountId=…` of the mail host: where a mailbox sends its mail on to. */
export const ForwardScope = Type.Object({ accountId: Type.String() });
export const ForwardState = Type.Object({
  /** Null: nowhere. */
  forward: Type.Union([MailForward, Type.Null()]),
  /** Domains of the organization: other addresses are outside. */
  domains: Type.Array(Type.String()),
  /** Whether the viewer may change it: the owner, and whoever manages a shared mailbox. */
  mayChange: Type.Boolean(),
});
export type ForwardState = Static<typeof ForwardState>;

/** `PUT /api/mail/forward` → 200 ForwardState; 400 for an address that is none, or the mailbox's own. */
export const ForwardChange = Type.Object(
  { accountId: Type.String(), forward: Type.Union([MailForward, Type.Null()]) },
  { additionalProperties: false },
);
export type ForwardChange = Static<typeof ForwardChange>;
