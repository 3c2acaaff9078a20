import type { AppPasswordList, ClientSettings, PeopleList, Profile, SessionList } from "@bouquet/contract/identity.ts";
import type { Home } from "@bouquet/contract/portal.ts";
import type { Operator, Session } from "@bouquet/contract/session.ts";
import { type Answers, ok } from "./open-page.ts";

const services = {
  portal: "http://portail.localhost:8080",
  mail: "http://mail.localhost:8080",
  drive: "http://drive.localhost:8080",
};

export const operator: Operator = {
  name: "Syndicat numérique des Trois Vallées",
  logoUrl: null,
  support: {
    phone: "02 61 91 12 34",
    hours: "du lundi au vendredi, 8 h 30 – 17 h 30",
    email: "assistance@trois-vallees.example",
    url: null,
  },
  services: [
    { name: "mail", url: services.mail },
    { name: "drive", url: services.drive },
  ],
  baseUrl: services.portal,
  defaultLanguage: "fr",
  loginExample: "prenom.nom@bourg-fleuri.example",
};

export const session: Session = {
  person: {
    uid: "01930000",
    displayName: "Hélène Lecarpentier",
    givenName: "Hélène",
    address: "helene.lecarpentier@bourg-fleuri.example",
    organization: { name: "Mairie de Bourg-Fleuri" },
  },
  roles: ["member_admin"],
  csrf: "token",
  services,
  language: "fr",
  timeZone: "Europe/Paris",
  sessionId: "s1",
};

function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * 3_600_000).toISOString();
}

export const home: Home = {
  mail: {
    unread: 5,
    latest: { from: "Marc Auvray", subject: "Relecture de l’ordre du jour du conseil", receivedAt: hoursAgo(1) },
    usage: { usedBytes: 1_740_000_000, limitBytes: 2_000_000_000 },
  },
  drive: {
    usage: { usedBytes: 3_070_000_000, limitBytes: 5_000_000_000 },
    recent: [
      ["Ordre du jour – conseil du 1er décembre.odt", "Conseil municipal", "Marc Auvray", 1],
      ["Plan de bornage – chemin des Ormes.pdf", "Urbanisme", "Agathe Levallois", 26],
      ["Effectifs cantine – novembre.ods", "Écoles", "Jérôme Quesnel", 30],
      ["Photos – réfection du toit de l’école.jpg", "", "Thierry Hamel", 400],
    ].map(([name, folder, changedBy, hours]) => ({
      id: String(name),
      name: String(name),
      folder: String(folder),
      mediaType: "",
      changedAt: hoursAgo(Number(hours)),
      changedBy: String(changedBy),
      url: `${services.drive}/files/1`,
    })),
  },
  services: [
    { name: "mail", state: "ok", since: null },
    { name: "drive", state: "slow", since: hoursAgo(2) },
  ],
};

const profile: Profile = {
  uid: "01930000",
  displayName: "Hélène Lecarpentier",
  givenName: "Hélène",
  familyName: "Lecarpentier",
  jobTitle: "Secrétaire générale",
  language: "fr",
  timeZone: "Europe/Paris",
  organization: { name: "Mairie de Bourg-Fleuri" },
  addresses: ["helene.lecarpentier@bourg-fleuri.example", "secretariat@bourg-fleuri.example"],
};

const sessions: SessionList = {
  sessions: [
    ["s1", true, "Firefox", "Windows", 1],
    ["s2", false, "Safari", "iOS", 40],
    ["s3", false, "", "", 700],
  ].map(([id, current, browser, system, hours]) => ({
    id: String(id),
    current: current === true,
    createdAt: hoursAgo(Number(hours) + 30),
    lastSeenAt: hoursAgo(Number(hours)),
    network: "203.0.113.14",
    browser: String(browser),
    system: String(system),
    services: ["mail"],
  })),
};

const appPasswords: AppPasswordList = {
  appPasswords: [
    {
      id: "a1",
      name: "Thunderbird du bureau",
      scopes: ["imap", "smtp"],
      createdAt: hoursAgo(900),
      lastUsedAt: hoursAgo(2),
      wipeRequestedAt: null,
      wipedAt: null,
    },
    {
      id: "a2",
      name: "Téléphone de Hélène",
      scopes: ["imap", "smtp", "dav"],
      createdAt: hoursAgo(9),
      lastUsedAt: null,
      wipeRequestedAt: null,
      wipedAt: null,
    },
  ],
};

const clientSettings: ClientSettings = {
  userName: "helene.lecarpentier@bourg-fleuri.example",
  imap: [{ host: "mail.localhost", port: 2993, security: "tls" }],
  smtp: [{ host: "mail.localhost", port: 2465, security: "tls" }],
  pop3: [{ host: "mail.localhost", port: 995, security: "tls" }],
  sieve: [{ host: "mail.localhost", port: 4190, security: "starttls" }],
  davUrl: null,
};

const gigabyte = 1_000_000_000;
const people: PeopleList = {
  people: [
    ["Sylvie Lemoigne", "Maire", "active", 1.8],
    ["Hélène Lecarpentier", "Secrétaire générale", "active", 0.9],
    ["Thierry Hamel", "Services techniques", "suspended", 1.98],
    ["Jérôme Quesnel", "Cantine et écoles", "invited", 0],
  ].map(([displayName, jobTitle, state, used]) => ({
    uid: String(displayName),
    displayName: String(displayName),
    jobTitle: String(jobTitle),
    address: `${String(displayName).toLowerCase().replace(" ", ".")}@bourg-fleuri.example`,
    roles: displayName === "Hélène Lecarpentier" ? ["member_admin"] : [],
    state: state as "active",
    mail: { usedBytes: Number(used) * gigabyte, limitBytes: 2 * gigabyte },
    drive: { usedBytes: Number(used) * gigabyte, limitBytes: 5 * gigabyte },
    lastSeenAt: state === "invited" ? null : hoursAgo(20),
  })),
};

/** A portal where all is well and someone is signed in. */
export const signedIn: Answers = {
  "GET /api/operator": ok(operator),
  "GET /api/session": ok(session),
  "GET /api/home": ok(home),
  "GET /api/profile": ok(profile),
  "PATCH /api/profile": (_path, body) => ok({ ...profile, ...(body as object) }),
  "GET /api/password-policy": ok({ minLength: 12, maxLength: 256, minBits: 50 }),
  "POST /api/password-check": (_path, body) => {
    const { password } = body as { password: string };
    const acceptable = password.length >= 16;
    return ok({ bits: password.length * 3.5, acceptable, reasons: acceptable ? [] : ["too_short", "personal"] });
  },
  "POST /api/password": { status: 401, body: { code: "wrong_credentials", message: "wrong" } },
  "GET /api/sessions": ok(sessions),
  "DELETE /api/sessions/s2": { status: 204 },
  "GET /api/app-passwords": ok(appPasswords),
  "POST /api/app-passwords": (_path, body) => ({
    status: 201,
    body: {
      appPassword: { ...(body as object), id: "a3", createdAt: hoursAgo(0), lastUsedAt: null },
      secret: "kfpa-wm7t-qh3x-9dre-vb2s-zn6c-4a",
    },
  }),
  "GET /api/client-settings": ok(clientSettings),
  "GET /api/people": ok(people),
  "POST /api/people/Sylvie%20Lemoigne/password-reset": {
    status: 201,
    body: { url: `${services.portal}/reset/Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA`, expiresAt: hoursAgo(-24) },
  },
  "GET /api/password-reset/good": ok({
    displayName: "Jérôme Quesnel",
    login: "jerome.quesnel@bourg-fleuri.example",
    expiresAt: hoursAgo(-24),
  }),
  "GET /api/password-reset/used": { status: 410, body: { code: "gone", message: "gone" } },
};

/** Nobody is signed in. */
export const signedOut: Answers = {
  ...signedIn,
  "GET /api/session": { status: 401, body: { code: "unauthenticated", message: "no session" } },
  "POST /api/sign-in": { status: 401, body: { code: "wrong_credentials", message: "wrong", attemptsLeft: 4 } },
};

/** The database does not answer; configuration does. */
export const databaseDown: Answers = {
  "GET /api/operator": ok(operator),
  "GET /api/session": { status: 503, body: { code: "unavailable", message: "database" } },
  "POST /api/sign-in": { status: 503, body: { code: "unavailable", message: "database" } },
};
