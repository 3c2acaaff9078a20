import type { MailRoute } from "./mail-routes.ts";
import type { Role } from "./settings.ts";

/** Everything that an operator decides, validated. Each layer takes only the part it needs. */
export type Config = {
  /** Absolute path. */
  readonly dataDirectory: string;
  readonly database: {
    /** Undefined: the embedded PostgreSQL. */
    readonly url: string | undefined;
    /** Connections that each copy may hold. */
    readonly connectionsPerCopy: number;
    /** Page cache of the embedded PostgreSQL, in bytes. */
    readonly sharedBuffers: number;
  };
  readonly blobs: { readonly kind: "filesystem"; readonly directory: string };
  readonly web: {
    readonly baseDomain: string;
    readonly hosts: ServiceHosts;
    readonly publicScheme: "http" | "https";
    /** Undefined: the port that HTTP really listens on; see publicOrigins. */
    readonly publicPort: number | undefined;
    /** IP addresses and CIDR networks whose X-Forwarded-For is believed. */
    readonly trustedProxies: readonly string[];
  };
  readonly listen: {
    /** Undefined: every interface, IPv6 and IPv4. */
    readonly address: string | undefined;
    /** Port 0 takes a free one. */
    readonly ports: Readonly<Record<PortName, number>>;
    readonly tls: { readonly certificate: string; readonly key: string } | undefined;
    readonly allowPlainAuthOnLoopback: boolean;
    /** Addresses and CIDR networks of load balancers that speak the PROXY protocol on the mail ports. */
    readonly proxies: readonly string[];
  };
  readonly roles: ReadonlySet<Role>;
  readonly copies: number;
  readonly mail: {
    readonly routes: readonly MailRoute[];
    /** Undefined: the servers of the system. */
    readonly dnsServers: readonly string[] | undefined;
    /** What these servers vouch for by DNSSEC is believed. */
    readonly dnsValidates: boolean;
    /** 0: never by itself. */
    readonly dkimRotationDays: number;
    readonly heloName: string;
    /** Bytes, of what our users send. */
    readonly messageSizeLimit: number;
    readonly imapLiteralMinus: boolean;
    readonly receiving: {
      /** Bytes, of what other servers send. */
      readonly messageSizeLimit: number;
      readonly rates: {
        readonly connectionsPerMinute: number;
        readonly messagesPerMinute: number;
        readonly messagesPerSenderAndHour: number;
        readonly recipientsPerOrganizationAndMinute: number;
      };
      /** Addresses and CIDR networks without rates and greylisting. */
      readonly trustedNetworks: readonly string[];
      /** Undefined: nobody is greylisted. */
      readonly greylistSeconds: number | undefined;
    };
    readonly screening: {
      /** Undefined: not asked. */
      readonly rspamd: { readonly url: string; readonly password: string | undefined } | undefined;
      readonly clamd:
        | {
            readonly place: { readonly path: string } | { readonly host: string; readonly port: number };
            /** Bytes. */
            readonly sizeLimit: number;
          }
        | undefined;
      readonly dnsLists: readonly string[];
      readonly trustedSealers: readonly string[];
      readonly quarantineDays: number;
    };
    /** Of each SMTP server. */
    readonly smtpLimits: {
      readonly maxConnections: number;
      readonly maxPerNetwork: number;
      readonly maxRecipients: number;
    };
    /** 0: no limit. */
    readonly sendingLimits: {
      readonly person: SendingRates;
      readonly organization: SendingRates;
      readonly unknownRecipientsPerHour: number;
      readonly networksPerHour: number;
    };
  };
  readonly previews: {
    /** 0: none are drawn. */
    readonly atOnce: number;
    /** Names or absolute paths; undefined: not wanted. */
    readonly programs: {
      readonly ffmpeg: string | undefined;
      readonly pdftoppm: string | undefined;
      readonly soffice: string | undefined;
      readonly heifConvert: string | undefined;
    };
    /** Where names are looked for, as PATH is written. */
    readonly searched: string;
  };
  /** Bytes, for a person. */
  readonly quotas: { readonly mail: number; readonly drive: number };
  readonly recoveryDays: number;
  /** Of a drive. */
  readonly trashDays: number;
  /** With whom files may be shared: see BOUQUET_SHARING_ACROSS_ORGANIZATIONS. */
  readonly sharing: { readonly acrossOrganizations: "none" | "all" | readonly string[] };
  /** Programs are told which names of files Windows cannot write. */
  readonly declaresWindowsNames: boolean;
  /** What a device may change in a drive before it is paused. */
  readonly brake: { readonly files: number; readonly percent: number; readonly minutes: number };
  /** Of the sum of an organization's quotas of files. */
  readonly versionsPercent: number;
  readonly timeZone: string;
  readonly language: "fr" | "en";
  readonly operator: { readonly name: string | undefined; readonly logo: string | undefined };
  readonly support: {
    readonly phone: string | undefined;
    readonly hours: string | undefined;
    readonly email: string | undefined;
    readonly url: string | undefined;
  };
  readonly log: {
    readonly level: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
    readonly format: "auto" | "json" | "text";
  };
};

export const portNames = [
  "http",
  "metrics",
  "smtp",
  "submission",
  "submissions",
  "imap",
  "imaps",
  "pop3",
  "pop3s",
  "managesieve",
] as const;
export type SendingRates = {
  readonly messagesPerHour: number;
  readonly messagesPerDay: number;
  readonly recipientsPerHour: number;
  readonly recipientsPerDay: number;
};

export type PortName = (typeof portNames)[number];

export type ServiceHosts = { readonly portal: string; readonly mail: string; readonly drive: string };
