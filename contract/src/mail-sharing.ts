import { type Static, Type } from "typebox";

/** What may be given on a mailbox or on a whole account. `send_as` and `send_on_behalf` only on a whole account. */
export const MailRight = Type.Union([
  Type.Literal("read"),
  Type.Literal("write"),
  Type.Literal("delete"),
  Type.Literal("send_as"),
  Type.Literal("send_on_behalf"),
  Type.Literal("share"),
  Type.Literal("manage"),
]);
export type MailRight = Static<typeof MailRight>;

/** Which account, and which mailbox of it; the whole account when that is left out. */
export const SharingScope = Type.Object({ accountId: Type.String(), mailboxId: Type.Optional(Type.String()) });
export type SharingScope = Static<typeof SharingScope>;

export const MailGrant = Type.Object({
  granteeId: Type.String(),
  kind: Type.Union([Type.Literal("person"), Type.Literal("group"), Type.Literal("other")]),
  name: Type.String(),
  /** An address, or a login: what to name the grantee by when rights are given. */
  identifier: Type.String(),
  /** True when it holds on the whole account, which a mailbox then cannot change. */
  isOnAccount: Type.Boolean(),
  rights: Type.Array(MailRight),
});
export type MailGrant = Static<typeof MailGrant>;

/** `GET /api/mail/sharing?accountId=…&mailboxId=…`: 403 `forbidden` to those who may not share it, 404 `not_found`. */
export const MailSharing = Type.Object({
  owner: Type.Object({ name: Type.String(), address: Type.Union([Type.String(), Type.Null()]) }),
  /** Rights that the viewer may give and take here. */
  mayGive: Type.Array(MailRight),
  grants: Type.Array(MailGrant),
  /** Whether each who reads the account has a state « read » of their own; absent for a mailbox, and for who may not decide. */
  personalSeen: Type.Optional(Type.Boolean()),
});
export type MailSharing = Static<typeof MailSharing>;

/**
 * `PUT /api/mail/sharing`: 204; replaces what the grantee has there, no right takes it away. 404 `not_found` (nobody of that name in
 * the account's organization, or no such mailbox), 403 `forbidden`, 400 `invalid`.
 */
export const MailGrantChange = Type.Object(
  {
    accountId: Type.String(),
    mailboxId: Type.Optional(Type.String()),
    /** An address or a login. */
    identifier: Type.String({ minLength: 1, maxLength: 320 }),
    rights: Type.Array(MailRight, { uniqueItems: true }),
  },
  { additionalProperties: false },
);
export type MailGrantChange = Static<typeof MailGrantChange>;

/** `PUT /api/mail/sharing/personal-seen`: 204; 403 `forbidden`. */
export const PersonalSeenChange = Type.Object(
  { accountId: Type.String(), isPersonal: Type.Boolean() },
  { additionalProperties: false },
);
export type PersonalSeenChange = Static<typeof PersonalSeenChange>;
