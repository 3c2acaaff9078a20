import type { Session } from "./session.ts";

/** Of AUTHENTICATE. */
export const MECHANISMS = ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"] as const;

/** Known to a client that is not signed in. */
const ALWAYS = ["IMAP4rev1", "IMAP4rev2", "SASL-IR", "ID", "ENABLE", "IDLE"];

/** Each is announced because the whole of it works; the RFC that defines it stands beside. */
const AFTER_LOGIN = [
  "NAMESPACE", // 2342
  "UIDPLUS", // 4315
  "MOVE", // 6851
  "UNSELECT", // 3691
  "CHILDREN", // 3348
  "SPECIAL-USE", // 6154
  "LIST-EXTENDED", // 5258
  "LIST-STATUS", // 5819
  "STATUS=SIZE", // 8438
  "ESEARCH", // 4731
  "SEARCHRES", // 5182
  "WITHIN", // 5032
  "CONDSTORE", // 7162
  "QRESYNC", // 7162
  "OBJECTID", // 8474
  "SAVEDATE", // 8514
  "PREVIEW", // 8970
  "BINARY", // 3516
  "NOTIFY", // 5465
  "METADATA", // 5464
  "ACL", // 4314
  "RIGHTS=kxte", // 4314 section 2.2
  "LIST-MYRIGHTS", // 8440
  "QUOTA", // 9208
  "QUOTA=RES-STORAGE", // 9208
  "CREATE-SPECIAL-USE", // 6154
  "MULTIAPPEND", // 3502
  "CATENATE", // 4469
  "REPLACE", // 8508
  "UTF8=ACCEPT", // 6855
  "UNAUTHENTICATE", // 8437
  "INPROGRESS", // 9585
  "PARTIAL", // 9394
  "SORT", // 5256
  "SORT=DISPLAY", // 5957
  "ESORT", // 5267
  "THREAD=ORDEREDSUBJECT", // 5256
  "THREAD=REFERENCES", // 5256
];

/** The names for CAPABILITY responses and codes, as they stand for this client now. */
export function listCapabilities(session: Session): string {
  const names = [...ALWAYS];
  if (session.viewerOrNull === null) {
    if (!session.channel.secure) names.push("STARTTLS");
    if (session.mayLogIn) names.push(...MECHANISMS.map((name) => `AUTH=${name}`));
    else names.push("LOGINDISABLED");
  } else {
    names.push(...AFTER_LOGIN);
    // RFC 4978 section 3: not said again once it is active.
    if (!session.channel.compressed) names.push("COMPRESS=DEFLATE");
  }
  names.push(session.deps.settings.literalMinus ? "LITERAL-" : "LITERAL+"); // 7888
  names.push(`APPENDLIMIT=${session.deps.settings.maxMessageBytes}`);
  return names.join(" ");
}
