import { drive, previews } from "./drive-settings.ts";
import { type MailRoute, mailRoutes } from "./mail-routes.ts";
import type { Parser } from "./parsers.ts";
import * as parse from "./parsers.ts";
import { optional, required, type Setting } from "./setting.ts";

export type SettingGroup = { readonly title: string; readonly settings: Readonly<Record<string, Setting>> };

export const roles = ["web", "imap", "smtp-in", "submission", "jobs"] as const;
export type Role = (typeof roles)[number];

const copies: Parser<number | "auto"> = {
  expected: "a whole number from 1 to 64, or auto",
  parse: (value) => (value === "auto" ? "auto" : parse.wholeNumber(1, 64).parse(value)),
};

const bindAddress: Parser<string> = {
  expected: "* for all interfaces, or one IP address of this machine",
  parse: (value) => (value === "*" ? value : parse.ipAddress.parse(value)),
};

const blobStore: Parser<string> = {
  expected: "file: and a directory, such as file:/srv/bouquet/blobs (an S3 store, s3:, is not supported yet)",
  parse: (value) => (/^file:[^\0]+$/.test(value) ? value.slice("file:".length) : undefined),
};

const databaseUrl: Parser<string> = {
  expected: "a PostgreSQL address such as postgres://user:password@host:5432/bouquet",
  parse: (value) => {
    // A Unix socket has no host in the address (?host=/run/postgresql), which URL does not take.
    const url = URL.parse(value.replace(/^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)(?=\/)/, "$1socket"));
    return url && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1 ? value : undefined;
  },
};

const dnsServer: Parser<string> = {
  expected: "an IP address, with a port if it is not 53",
  parse: (value) => {
    if (parse.ipAddress.parse(value) !== undefined) return value;
    const place = parse.parseHostAndPort(value, 53);
    if (!place || parse.ipAddress.parse(place.host) === undefined) return undefined;
    return place.host.includes(":") ? `[${place.host}]:${place.port}` : `${place.host}:${place.port}`;
  },
};

const place = {
  BOUQUET_DATA_DIRECTORY: required(
    parse.path,
    "./data",
    "Directory that holds everything the program keeps: the embedded PostgreSQL, large blobs, keys, the self-signed certificate.",
  ),
  DATABASE_URL: {
    parser: databaseUrl,
    defaultDoc: "an embedded PostgreSQL in the data directory",
    doc: "Your own PostgreSQL (18 or newer) instead of the embedded one. The role needs the right to create extensions.",
    secret: true,
  } as Setting<string>,
  BOUQUET_DATABASE_CONNECTIONS: required(
    parse.wholeNumber(4, 200),
    "20",
    "Connections to PostgreSQL that each copy of the program may hold.",
  ),
  BOUQUET_POSTGRES_SHARED_BUFFERS: required(
    parse.byteCount(16 * 2 ** 20, 64 * 2 ** 30),
    "64MiB",
    "Page cache of the embedded PostgreSQL. A quarter of the memory of a machine of its own is usual.",
  ),
  BOUQUET_BLOB_STORE: optional(
    blobStore,
    "`blobs` in the data directory",
    "Where mails and files larger than 64 KiB are kept: `file:` and a directory that all copies of the program share.",
  ),
} as const;

const addresses = {
  BOUQUET_BASE_DOMAIN: required(
    parse.hostName,
    "localhost",
    "Domain beneath which the services have their host names. `localhost` is for trying the program on one machine.",
  ),
  BOUQUET_PORTAL_HOST: optional(parse.hostName, "`portail.` and the base domain", "Host name of the portal."),
  BOUQUET_MAIL_HOST: optional(parse.hostName, "`mail.` and the base domain", "Host name of the webmail."),
  BOUQUET_DRIVE_HOST: optional(parse.hostName, "`drive.` and the base domain", "Host name of the drive."),
  BOUQUET_PUBLIC_SCHEME: required(
    parse.oneOf("http", "https"),
    "http",
    "Scheme of the addresses that people open. Set `https` when a proxy in front ends TLS.",
  ),
  BOUQUET_PUBLIC_PORT: optional(
    parse.wholeNumber(1, 65_535),
    "443 when the public scheme is https, otherwise the HTTP port",
    "Port of the addresses that people open, when a proxy or a port mapping makes it differ from the HTTP port.",
  ),
  BOUQUET_TRUSTED_PROXIES: required(
    parse.listOf(parse.ipNetwork, "a list of IP addresses or networks such as 10.0.0.0/8"),
    "127.0.0.1,::1",
    "Proxies whose X-Forwarded-For header says who the client is; throttling of wrong passwords relies on it.",
  ),
} as const;

const ports = {
  BOUQUET_BIND_ADDRESS: required(
    bindAddress,
    "*",
    "Address that the servers listen on: `*` for every interface, IPv6 and IPv4, or one address. Metrics always stay on loopback.",
  ),
  BOUQUET_HTTP_PORT: required(parse.port, "8080", "Portal, webmail, drive, JMAP, DAV, `/health` and `/ready`."),
  BOUQUET_METRICS_PORT: required(parse.port, "9464", "Prometheus metrics, on 127.0.0.1 only."),
  BOUQUET_SMTP_PORT: required(parse.port, "2525", "Mail from other servers (25 on the Internet), STARTTLS offered."),
  BOUQUET_SUBMISSION_PORT: required(parse.port, "2587", "Mail from programs of our users, STARTTLS (587)."),
  BOUQUET_SUBMISSIONS_PORT: required(parse.port, "2465", "Mail from programs of our users, TLS from the start (465)."),
  BOUQUET_IMAP_PORT: required(parse.port, "2143", "IMAP with STARTTLS (143)."),
  BOUQUET_IMAPS_PORT: required(parse.port, "2993", "IMAP with TLS from the start (993)."),
  BOUQUET_POP3_PORT: required(parse.port, "2110", "POP3 with STARTTLS (110), for old devices."),
  BOUQUET_POP3S_PORT: required(parse.port, "2995", "POP3 with TLS from the start (995)."),
  BOUQUET_MANAGESIEVE_PORT: required(
    parse.port,
    "4190",
    "ManageSieve with STARTTLS: filters, edited by mail programs.",
  ),
  BOUQUET_TLS_CERTIFICATE: optional(
    parse.path,
    "a self-signed certificate made at the first start",
    "PEM file with the certificate and its chain, for the mail ports.",
  ),
  BOUQUET_TLS_KEY: optional(
    parse.path,
    "goes with the certificate",
    "PEM file with the private key of the certificate.",
  ),
  BOUQUET_ALLOW_PLAIN_AUTH_ON_LOOPBACK: required(
    parse.yesOrNo,
    "no",
    "Accept passwords without TLS from this very machine, for tests and for a proxy that ends TLS.",
  ),
} as const;

const processes = {
  BOUQUET_ROLES: required(
    parse.listOf(parse.oneOf(...roles), `a list of some of ${roles.join(", ")}`),
    roles.join(","),
    "What this process does, when several machines share the work on one PostgreSQL and one blob store.",
  ),
  BOUQUET_COPIES: required(
    copies,
    "1",
    "Copies of the program that share the ports of this machine; `auto` makes one for each processor core.",
  ),
} as const;

const mail = {
  BOUQUET_MAIL_ROUTES: {
    ...required<readonly MailRoute[]>(
      mailRoutes,
      "*=mx",
      "Where outgoing mail goes, first match wins: `domain=mx`, `domain=host:port`, `*=user:password@host:port`. " +
        "`*.example.org` means every domain beneath example.org. Mail for domains held here never leaves.",
    ),
    secret: true,
  },
  BOUQUET_DNS_SERVERS: optional(
    parse.listOf(dnsServer, "a list of IP addresses, each with a port if it is not 53"),
    "those of the system",
    "DNS servers to ask for MX, SPF, DKIM and DMARC records.",
  ),
  BOUQUET_DNS_VALIDATES: required(
    parse.yesOrNo,
    "no",
    "The DNS servers validate DNSSEC (unbound, for instance): what they vouch for is then believed, if they are on this machine or " +
      "on a private network, and mail goes only to servers that their TLSA records (DANE) name.",
  ),
  BOUQUET_DKIM_ROTATION_DAYS: required(
    parse.wholeNumber(0, 3650),
    "180",
    "Age at which new DKIM keys are made for a domain. They sign once its DNS shows them; `bouquet dkim list` says which to publish. " +
      "0: never by itself.",
  ),
  BOUQUET_HELO_NAME: optional(
    parse.hostName,
    "the host name of the webmail",
    "Name under which the program greets other mail servers; its address should have this name as its reverse DNS.",
  ),
  BOUQUET_MESSAGE_SIZE_LIMIT: required(
    parse.byteCount(1e6, 1e9),
    "25MB",
    "Largest message accepted from a user, encoded attachments included.",
  ),
  BOUQUET_IMAP_LITERAL_MINUS: required(
    parse.yesOrNo,
    "no",
    "Announce LITERAL- instead of LITERAL+ in IMAP: programs ask before they send more than 4096 bytes (RFC 7888).",
  ),
  BOUQUET_SMTP_MESSAGE_SIZE_LIMIT: required(
    parse.byteCount(1e6, 1e9),
    "25MB",
    "Largest message accepted from another server, encoded attachments included.",
  ),
} as const;

const limit = parse.wholeNumber(0, 1_000_000_000);

/** How much mail at once: 0 is no limit. */
const mailLimits = {
  BOUQUET_SMTP_MAX_CONNECTIONS: required(
    parse.wholeNumber(1, 100_000),
    "1000",
    "SMTP connections that each server (receiving, submission) holds at once; more are answered 421.",
  ),
  BOUQUET_SMTP_MAX_CONNECTIONS_PER_NETWORK: required(
    parse.wholeNumber(1, 100_000),
    "100",
    "The same for one IPv4 address or IPv6 /64. A whole town hall may stand behind one.",
  ),
  BOUQUET_SMTP_MAX_RECIPIENTS: required(
    parse.wholeNumber(100, 100_000),
    "100",
    "Recipients of one message by SMTP; more are answered 452 and come again. RFC 5321 asks for 100 at least.",
  ),
  BOUQUET_SMTP_CONNECTIONS_PER_MINUTE: required(
    limit,
    "300",
    "New connections a minute from one network to the receiving server; more are answered 421. 0: no limit.",
  ),
  BOUQUET_SMTP_MESSAGES_PER_MINUTE: required(
    limit,
    "600",
    "Messages a minute from one network to the receiving server; more are answered 450. 0: no limit.",
  ),
  BOUQUET_SMTP_MESSAGES_PER_SENDER_AND_HOUR: required(
    limit,
    "2000",
    "Messages an hour from one outside sender address; more are answered 450. 0: no limit.",
  ),
  BOUQUET_SMTP_RECIPIENTS_PER_ORGANIZATION_AND_MINUTE: required(
    limit,
    "3000",
    "Recipients a minute that one organization is written to; more are answered 450. 0: no limit.",
  ),
  BOUQUET_SMTP_TRUSTED_NETWORKS: required(
    parse.listOf(parse.ipNetwork, "a list of IP addresses or networks such as 10.0.0.0/8"),
    "127.0.0.0/8,::1",
    "Networks to which the four rates above and greylisting do not apply, such as a relay of your own.",
  ),
  BOUQUET_PROXY_PROTOCOL_NETWORKS: optional(
    parse.listOf(parse.ipNetwork, "a list of IP addresses or networks such as 10.0.0.0/8"),
    "none",
    "Load balancers in front of the mail ports. Their connections must begin with a PROXY protocol header (version 1 or 2) that says who the client is; from anybody else it is refused.",
  ),
  BOUQUET_GREYLISTING: required(
    parse.yesOrNo,
    "no",
    "Put off the first message of an unknown server, sender and recipient. Senders that SPF authorizes are not put off.",
  ),
  BOUQUET_GREYLISTING_SECONDS: required(
    parse.wholeNumber(1, 86_400),
    "300",
    "Seconds after which a server that was put off may come back.",
  ),
  BOUQUET_PERSON_MESSAGES_PER_HOUR: required(
    limit,
    "200",
    "Messages that one person may send in an hour, whatever by; who passes one of these limits is paused until an administrator resumes them. 0: no limit.",
  ),
  BOUQUET_PERSON_MESSAGES_PER_DAY: required(limit, "1000", "The same in a day."),
  BOUQUET_PERSON_RECIPIENTS_PER_HOUR: required(limit, "500", "Recipients that one person may write to in an hour."),
  BOUQUET_PERSON_RECIPIENTS_PER_DAY: required(limit, "2000", "The same in a day."),
  BOUQUET_ORGANIZATION_MESSAGES_PER_HOUR: required(
    limit,
    "5000",
    "Messages that one organization may send in an hour; more are put off. 0: no limit.",
  ),
  BOUQUET_ORGANIZATION_MESSAGES_PER_DAY: required(limit, "20000", "The same in a day."),
  BOUQUET_ORGANIZATION_RECIPIENTS_PER_HOUR: required(
    limit,
    "10000",
    "Recipients that one organization may write to in an hour.",
  ),
  BOUQUET_ORGANIZATION_RECIPIENTS_PER_DAY: required(limit, "50000", "The same in a day."),
  BOUQUET_UNKNOWN_RECIPIENTS_PER_HOUR: required(
    limit,
    "50",
    "Recipients that do not exist, from one person in an hour, beyond which the person is paused. 0: no limit.",
  ),
  BOUQUET_SENDING_NETWORKS_PER_HOUR: required(
    limit,
    "10",
    "Networks from which programs of one person sign in to send, in an hour, beyond which the person is paused. 0: no limit.",
  ),
} as const;

const scanner: Parser<{ readonly path: string } | { readonly host: string; readonly port: number }> = {
  expected: "a host and port such as 127.0.0.1:3310, or unix: and the path of a socket",
  parse: (value) =>
    /^unix:\/[^\0]*$/.test(value) ? { path: value.slice("unix:".length) } : parse.parseHostAndPort(value, 3310),
};

const screening = {
  BOUQUET_RSPAMD_URL: optional(
    parse.webAddress,
    "none: the program's own classifier decides",
    "Address of a normal worker of rspamd, such as http://127.0.0.1:11333/. While it does not answer, the program's own classifier decides.",
  ),
  BOUQUET_RSPAMD_PASSWORD: {
    ...optional(parse.text, "none", "The password that the worker of rspamd asks for."),
    secret: true,
  },
  BOUQUET_CLAMD: optional(
    scanner,
    "none: messages and files are not scanned",
    "Where clamd listens: `host:port`, or `unix:` and the path of its socket. While it does not answer, mail from outside is put off, " +
      "mail of users is taken and held, and files are not taken: programs come back.",
  ),
  BOUQUET_CLAMD_SIZE_LIMIT: required(
    parse.byteCount(1e5, 4e9),
    "100MiB",
    "The StreamMaxLength of clamd. A larger message is not scanned, and says so in its header; a larger file is kept, and says so among " +
      "its versions. Raise MaxScanSize and MaxFileSize of clamd with it.",
  ),
  BOUQUET_DNS_LISTS: optional(
    parse.listOf(parse.hostName, "a list of zones such as dnsbl.example.org"),
    "none: no list is asked",
    "Zones of DNS lists of bad addresses (RFC 5782) to ask about each client that brings mail. Mind their terms of use.",
  ),
  BOUQUET_TRUSTED_ARC_SEALERS: optional(
    parse.listOf(parse.hostName, "a list of domains such as lists.example.org"),
    "none",
    "Domains whose ARC seals (RFC 8617) every organization believes: mail that they forward keeps what was authenticated before.",
  ),
  BOUQUET_QUARANTINE_DAYS: required(
    parse.wholeNumber(1, 365),
    "30",
    "Days that a message stays in the quarantine when nobody releases or deletes it.",
  ),
} as const;

const people = {
  BOUQUET_MAIL_QUOTA: required(
    parse.byteCount(1e6),
    "2GB",
    "Mail storage of a person unless an administrator says otherwise.",
  ),
  BOUQUET_DRIVE_QUOTA: required(
    parse.byteCount(1e6),
    "5GB",
    "File storage of a person unless an administrator says otherwise.",
  ),
  BOUQUET_RECOVERY_DAYS: required(
    { ...parse.wholeNumber(14, 3650), expected: "a whole number of days, 14 or more" },
    "14",
    "Days during which what was deleted can be restored. Never less than 14.",
  ),
  BOUQUET_TIME_ZONE: required(parse.timeZone, "Europe/Paris", "Time zone of organizations that have chosen none."),
  BOUQUET_LANGUAGE: required(parse.oneOf("fr", "en"), "fr", "Language of people who have chosen none."),
} as const;

const operator = {
  BOUQUET_OPERATOR_NAME: optional(
    parse.text,
    "none",
    "Name of the body that runs this installation, shown on the portal.",
  ),
  BOUQUET_OPERATOR_LOGO: optional(parse.path, "none", "SVG or PNG file of its logo."),
  BOUQUET_SUPPORT_PHONE: optional(parse.text, "none", "Telephone number of support, shown before sign-in too."),
  BOUQUET_SUPPORT_HOURS: optional(parse.text, "none", "When support answers, as people should read it."),
  BOUQUET_SUPPORT_EMAIL: optional(parse.emailAddress, "none", "E-mail address of support."),
  BOUQUET_SUPPORT_URL: optional(parse.webAddress, "none", "Web page of support."),
} as const;

const logs = {
  BOUQUET_LOG_LEVEL: required(
    parse.oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent"),
    "info",
    "Least serious events that are logged.",
  ),
  BOUQUET_LOG_FORMAT: required(
    parse.oneOf("auto", "json", "text"),
    "auto",
    "`json` writes one JSON object a line; `text` is for reading; `auto` is text on a terminal and JSON elsewhere.",
  ),
} as const;

export const settingGroups = [
  { title: "Data", settings: place },
  { title: "Addresses", settings: addresses },
  { title: "Ports and TLS", settings: ports },
  { title: "Processes", settings: processes },
  { title: "Mail", settings: mail },
  { title: "Limits of mail", settings: mailLimits },
  { title: "Screening of mail", settings: screening },
  { title: "Files", settings: drive },
  { title: "Pictures of files", settings: previews },
  { title: "People and organizations", settings: people },
  { title: "Operator and support", settings: operator },
  { title: "Logs", settings: logs },
] as const satisfies readonly SettingGroup[];

export const settings = {
  ...place,
  ...addresses,
  ...ports,
  ...processes,
  ...mail,
  ...mailLimits,
  ...screening,
  ...drive,
  ...previews,
  ...people,
  ...operator,
  ...logs,
} as const;

export type SettingName = keyof typeof settings;

type ParsedBy<S> = S extends { readonly parser: Parser<infer T> } ? T : never;

/** The parsed settings: those with a default are always there. */
export type SettingValues = {
  readonly [N in SettingName]: (typeof settings)[N] extends { readonly default: string }
    ? ParsedBy<(typeof settings)[N]>
    : ParsedBy<(typeof settings)[N]> | undefined;
};
