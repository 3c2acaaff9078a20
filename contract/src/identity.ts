import { type Static, Type } from "typebox";
import { Language, Role } from "./session.ts";

/** `GET /api/profile`, and the answer of `PATCH /api/profile`. */
export const Profile = Type.Object({
  uid: Type.String(),
  displayName: Type.String(),
  givenName: Type.String(),
  familyName: Type.String(),
  jobTitle: Type.String(),
  language: Language,
  /** IANA name: `Europe/Paris`. */
  timeZone: Type.String(),
  organization: Type.Object({ name: Type.String() }),
  /** Primary first. Read only. */
  addresses: Type.Array(Type.String()),
});
export type Profile = Static<typeof Profile>;

/** `PATCH /api/profile`: only what changes. 400 `bad_request` with `field`. */
export const ProfileChange = Type.Object(
  {
    displayName: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
    givenName: Type.Optional(Type.String({ maxLength: 80 })),
    familyName: Type.Optional(Type.String({ maxLength: 80 })),
    jobTitle: Type.Optional(Type.String({ maxLength: 120 })),
    language: Type.Optional(Language),
    timeZone: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false },
);
export type ProfileChange = Static<typeof ProfileChange>;

/** `POST /api/password`: 204; 401 `wrong_credentials` (the current one), 422 `weak_password`, 429 `throttled`. */
export const PasswordChange = Type.Object({
  current: Type.String({ minLength: 1, maxLength: 1024 }),
  next: Type.String({ minLength: 1, maxLength: 1024 }),
});
export type PasswordChange = Static<typeof PasswordChange>;

/** `GET /api/password-policy`: public. */
export const PasswordPolicy = Type.Object({
  minLength: Type.Integer(),
  maxLength: Type.Integer(),
  /** Guessing entropy required by CNIL recommendation 2022-100 for the way this server throttles. */
  minBits: Type.Number(),
});
export type PasswordPolicy = Static<typeof PasswordPolicy>;

/**
 * `POST /api/password-check`, signed in or with the token of a one-time link. Nothing is kept or logged.
 * Without either: 401 `unauthenticated`.
 */
export const PasswordCheckRequest = Type.Object({
  password: Type.String({ maxLength: 1024 }),
  resetToken: Type.Optional(Type.String({ maxLength: 256 })),
});
export type PasswordCheckRequest = Static<typeof PasswordCheckRequest>;

export const PasswordCheckResponse = Type.Object({
  bits: Type.Number(),
  acceptable: Type.Boolean(),
  /** PasswordReason; empty when acceptable. */
  reasons: Type.Array(Type.String()),
});
export type PasswordCheckResponse = Static<typeof PasswordCheckResponse>;

/** One sign-in of the person, with the services opened from it. Ending it ends them all. */
export const SessionItem = Type.Object({
  id: Type.String(),
  /** The one that asks. */
  current: Type.Boolean(),
  createdAt: Type.String({ format: "date-time" }),
  lastSeenAt: Type.String({ format: "date-time" }),
  /** Network address of the last request. */
  network: Type.String(),
  /** Read from User-Agent; empty when unknown: `Firefox`, `Windows`. */
  browser: Type.String(),
  system: Type.String(),
  services: Type.Array(Type.String()),
});
export type SessionItem = Static<typeof SessionItem>;

/**
 * `GET /api/sessions`, latest seen first. `DELETE /api/sessions/:id` → 204 (also when it is the current one: signs out)
 * or 404. `POST /api/sessions/revoke-others` → 204.
 */
export const SessionList = Type.Object({ sessions: Type.Array(SessionItem) });
export type SessionList = Static<typeof SessionList>;

export const AppPasswordScope = Type.Union([
  Type.Literal("imap"),
  Type.Literal("smtp"),
  Type.Literal("dav"),
  Type.Literal("send"),
]);
export type AppPasswordScope = Static<typeof AppPasswordScope>;

export const AppPassword = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(AppPasswordScope),
  createdAt: Type.String({ format: "date-time" }),
  /** Written at most hourly. */
  lastUsedAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  /** Its owner asked the device to forget what it holds: it opens nothing any more. */
  wipeRequestedAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  /** The device said that it has. */
  wipedAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
});
export type AppPassword = Static<typeof AppPassword>;

/**
 * `GET /api/app-passwords`. `DELETE /api/app-passwords/:id` → 204 or 404. `POST /api/app-passwords/:id/wipe` → 204 or 404: the device
 * is told to forget what it holds when it next asks; for those with the scope "dav".
 */
export const AppPasswordList = Type.Object({ appPasswords: Type.Array(AppPassword) });
export type AppPasswordList = Static<typeof AppPasswordList>;

/** `POST /api/app-passwords` → 201 `AppPasswordCreated`. */
export const AppPasswordRequest = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 80 }),
  scopes: Type.Array(AppPasswordScope, { minItems: 1, uniqueItems: true }),
});
export type AppPasswordRequest = Static<typeof AppPasswordRequest>;

/** The only time that the secret is given. Groups of four or more characters may be separated by `-`; the server ignores them. */
export const AppPasswordCreated = Type.Object({ appPassword: AppPassword, secret: Type.String() });
export type AppPasswordCreated = Static<typeof AppPasswordCreated>;

/**
 * `GET /api/device-logins/:token`: a device that waits for its owner; 410 when it is over. `POST` lets it in and `DELETE` turns it away,
 * → 204.
 */
export const DeviceLogin = Type.Object({
  deviceName: Type.String(),
  expiresAt: Type.String({ format: "date-time" }),
});
export type DeviceLogin = Static<typeof DeviceLogin>;

/** `POST /api/devices` → 201 `DeviceAddress`: for a device that shows the page itself and waits for an address of its own scheme. */
export const DeviceRequest = Type.Object({ name: Type.String({ minLength: 1, maxLength: 80 }) });
export type DeviceRequest = Static<typeof DeviceRequest>;

/** `nc://login/…`, with the app password in it. */
export const DeviceAddress = Type.Object({ address: Type.String() });
export type DeviceAddress = Static<typeof DeviceAddress>;

const MailEndpoint = Type.Object({
  host: Type.String(),
  port: Type.Integer(),
  security: Type.Union([Type.Literal("tls"), Type.Literal("starttls")]),
});
export type MailEndpoint = Static<typeof MailEndpoint>;

/** `GET /api/client-settings`: what to type into Thunderbird, a phone or a drive client. Best choice first. */
export const ClientSettings = Type.Object({
  userName: Type.String(),
  imap: Type.Array(MailEndpoint),
  /** For devices that do not know IMAP. */
  pop3: Type.Array(MailEndpoint),
  smtp: Type.Array(MailEndpoint),
  /** ManageSieve: filters. */
  sieve: Type.Array(MailEndpoint),
  /** WebDAV address of the drive, or null while there is none. */
  davUrl: Type.Union([Type.String(), Type.Null()]),
});
export type ClientSettings = Static<typeof ClientSettings>;

/** `GET /api/password-reset/:token`: public; 200, or 410 `gone` (used, expired or unknown: never says which). */
export const PasswordResetInfo = Type.Object({
  displayName: Type.String(),
  login: Type.String(),
  expiresAt: Type.String({ format: "date-time" }),
});
export type PasswordResetInfo = Static<typeof PasswordResetInfo>;

/** `POST /api/password-reset/:token`: public, matching Origin, no CSRF token. 204; 410 `gone`, 422 `weak_password`. */
export const PasswordResetRequest = Type.Object({ password: Type.String({ minLength: 1, maxLength: 1024 }) });
export type PasswordResetRequest = Static<typeof PasswordResetRequest>;

export const PersonItem = Type.Object({
  uid: Type.String(),
  displayName: Type.String(),
  jobTitle: Type.String(),
  address: Type.String(),
  roles: Type.Array(Role),
  /** `invited`: has never signed in. */
  state: Type.Union([Type.Literal("active"), Type.Literal("invited"), Type.Literal("suspended")]),
  mail: Type.Object({ usedBytes: Type.Number(), limitBytes: Type.Number() }),
  drive: Type.Object({ usedBytes: Type.Number(), limitBytes: Type.Number() }),
  lastSeenAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
});
export type PersonItem = Static<typeof PersonItem>;

/** `GET /api/people`: member_admin of the organization only, otherwise 403 `forbidden`. Ordered by family name. */
export const PeopleList = Type.Object({ people: Type.Array(PersonItem) });
export type PeopleList = Static<typeof PeopleList>;

/** `POST /api/people/:uid/password-reset` (member_admin) → 201. The link is shown once and replaces earlier ones. */
export const PasswordResetLink = Type.Object({
  /** `<portal>/reset/<token>` */
  url: Type.String(),
  expiresAt: Type.String({ format: "date-time" }),
});
export type PasswordResetLink = Static<typeof PasswordResetLink>;
