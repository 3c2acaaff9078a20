import { type Static, Type } from "typebox";

/** Sent with every request that is not GET or HEAD; its value is `Session.csrf` of the same host. */
export const csrfHeader = "X-Bouquet-CSRF";

export const Language = Type.Union([Type.Literal("fr"), Type.Literal("en")]);
export type Language = Static<typeof Language>;

export const ServiceName = Type.Union([Type.Literal("portal"), Type.Literal("mail"), Type.Literal("drive")]);
export type ServiceName = Static<typeof ServiceName>;

/** Origin of each service without a trailing slash: `http://mail.localhost:8080`. */
export const ServiceUrls = Type.Object({ portal: Type.String(), mail: Type.String(), drive: Type.String() });
export type ServiceUrls = Static<typeof ServiceUrls>;

export const Role = Type.Union([Type.Literal("member_admin"), Type.Literal("operator_admin")]);
export type Role = Static<typeof Role>;

/**
 * `GET /api/session` on every host: 200, 401 `unauthenticated`, or 503 `unavailable` when the database does not answer.
 * Never cached.
 */
export const Session = Type.Object({
  person: Type.Object({
    /** Immutable identifier of the person; not the address. */
    uid: Type.String(),
    displayName: Type.String(),
    givenName: Type.String(),
    /** Primary address, as typed to sign in. */
    address: Type.String(),
    organization: Type.Object({ name: Type.String() }),
  }),
  roles: Type.Array(Role),
  /** Token of this session on this host, for `csrfHeader`. */
  csrf: Type.String(),
  services: ServiceUrls,
  language: Language,
  timeZone: Type.String(),
  /** Same identifier as `SessionItem.id` of the row that stands for this sign-in. */
  sessionId: Type.String(),
});
export type Session = Static<typeof Session>;

/**
 * `GET /api/operator` on every host: public, from configuration only, so that it answers while the database is down.
 */
export const Operator = Type.Object({
  name: Type.String(),
  /** Path on the same host (`/operator/logo`), or null: the web app then shows the Bouquet sign. Never another host. */
  logoUrl: Type.Union([Type.String(), Type.Null()]),
  support: Type.Object({
    /** As it is to be read: `02 61 91 12 34`. */
    phone: Type.Union([Type.String(), Type.Null()]),
    hours: Type.Union([Type.String(), Type.Null()]),
    email: Type.Union([Type.String(), Type.Null()]),
    url: Type.Union([Type.String(), Type.Null()]),
  }),
  services: Type.Array(Type.Object({ name: ServiceName, url: Type.String() })),
  /** URL of the portal. */
  baseUrl: Type.String(),
  defaultLanguage: Language,
  /** Example of a login for the hint under the field: `prenom.nom@bourg-fleuri.example`. */
  loginExample: Type.String(),
});
export type Operator = Static<typeof Operator>;

/** `POST /api/sign-in` (portal). No session yet, so no CSRF token: the server requires a matching Origin. */
export const SignInRequest = Type.Object({
  login: Type.String({ minLength: 1, maxLength: 320 }),
  password: Type.String({ minLength: 1, maxLength: 1024 }),
  /** `?interaction=` of the page's address, given by the OpenID provider when a service sent the person here. */
  interaction: Type.Optional(Type.String({ maxLength: 128 })),
});
export type SignInRequest = Static<typeof SignInRequest>;

/**
 * 200. Otherwise 401 `wrong_credentials` (attemptsLeft), 429 `throttled` (retryAfterSeconds), 410 `gone` (the interaction
 * has expired: the page starts again at `/`), 503 `unavailable`.
 */
export const SignInResponse = Type.Object({
  /** Where the browser goes next: a path of the portal, or the URL that resumes the interaction. */
  redirect: Type.String(),
});
export type SignInResponse = Static<typeof SignInResponse>;

/** `POST /api/sign-out` on every host: ends this sign-in on all services. 200. */
export const SignOutResponse = Type.Object({
  /** The portal's sign-in page, absolute. */
  redirect: Type.String(),
});
export type SignOutResponse = Static<typeof SignOutResponse>;

/**
 * Data of one server-sent event of `GET /api/events` (every host), named by `type`. A hint says "read again", never what changed.
 * After `revoked` the server closes the stream and the page goes to `/sign-in`.
 */
export const ServerEvent = Type.Union([
  Type.Object({
    type: Type.Literal("changed"),
    areas: Type.Array(Type.Union([Type.Literal("mail"), Type.Literal("files"), Type.Literal("identity")])),
  }),
  Type.Object({ type: Type.Literal("revoked") }),
]);
export type ServerEvent = Static<typeof ServerEvent>;
