import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { checkFiles } from "./check-files.ts";
import type { Config } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { type FileEntry, parseConfigFile } from "./config-file.ts";
import type { Setting } from "./setting.ts";
import { type SettingName, type SettingValues, settings } from "./settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names the configuration file: the only one that cannot stand in the file. */
export const configFileVariable = "BOUQUET_CONFIG";
export const defaultConfigFile = "bouquet.conf";

/**
 * Reads the configuration from environment variables and an optional file (`BOUQUET_CONFIG`, or `bouquet.conf` in the
 * working directory); a variable wins over the file. An empty value counts as not given.
 * @throws ConfigError with one sentence that names the setting and what is expected.
 */
export function loadConfig({ env, cwd }: { readonly env: Environment; readonly cwd: string }): Config {
  const file = readConfigFile(env, cwd);
  refuseUnknown(env, file);
  const values = Object.fromEntries(
    Object.entries<Setting>(settings).map(([name, setting]) => [name, readSetting(name, setting, env, file)]),
  ) as unknown as SettingValues;
  const config = arrange(values, cwd, env.PATH);
  refuseContradictions(config);
  checkFiles(config);
  return config;
}

type ConfigFile = { readonly path: string; readonly entries: ReadonlyMap<string, FileEntry> };

function readConfigFile(env: Environment, cwd: string): ConfigFile {
  const named = env[configFileVariable] || undefined;
  const path = resolve(cwd, named ?? defaultConfigFile);
  try {
    return { path, entries: parseConfigFile(readFileSync(path, "utf8"), path) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    if (named === undefined && code === "ENOENT") return { path, entries: new Map() };
    throw new ConfigError(`The configuration file ${path} cannot be read (${code}).`);
  }
}

function refuseUnknown(env: Environment, file: ConfigFile): void {
  const known = new Set<string>(Object.keys(settings));
  for (const [name, { line }] of file.entries) {
    if (known.has(name)) continue;
    const why = name === configFileVariable ? "can only be an environment variable" : "is not a setting";
    throw new ConfigError(`${name} (line ${line} of ${file.path}) ${why}${suggestion(name, known)}.`);
  }
  for (const name of Object.keys(env)) {
    if (!name.startsWith("BOUQUET_") || name === configFileVariable || known.has(name)) continue;
    // What the test suite tells its own processes.
    if (name.startsWith("BOUQUET_TEST_")) continue;
    throw new ConfigError(`The environment variable ${name} is not a setting${suggestion(name, known)}.`);
  }
}

function suggestion(name: string, known: ReadonlySet<string>): string {
  const nearest = [...known]
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest && nearest.distance <= 4 ? ` (did you mean ${nearest.candidate}?)` : "";
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

function readSetting(name: string, setting: Setting, env: Environment, file: ConfigFile): unknown {
  const entry = file.entries.get(name);
  const fromEnv = env[name]?.trim() || undefined;
  const given = fromEnv ?? (entry?.value || undefined);
  const text = given ?? setting.default;
  if (text === undefined) return undefined;
  const value = setting.parser.parse(text);
  if (value !== undefined) return value;
  const where = fromEnv === undefined && entry ? ` (line ${entry.line} of ${file.path})` : "";
  const shown = setting.secret ? "" : `, not ${JSON.stringify(text.slice(0, 100))}`;
  throw new ConfigError(`${name}${where} must be ${setting.parser.expected}${shown}.`);
}

function arrange(values: SettingValues, cwd: string, searched: string | undefined): Config {
  const dataDirectory = resolve(cwd, values.BOUQUET_DATA_DIRECTORY);
  const baseDomain = values.BOUQUET_BASE_DOMAIN;
  const hosts = {
    portal: values.BOUQUET_PORTAL_HOST ?? `portail.${baseDomain}`,
    mail: values.BOUQUET_MAIL_HOST ?? `mail.${baseDomain}`,
    drive: values.BOUQUET_DRIVE_HOST ?? `drive.${baseDomain}`,
  };
  const { BOUQUET_TLS_CERTIFICATE: certificate, BOUQUET_TLS_KEY: key } = values;
  if ((certificate === undefined) !== (key === undefined)) {
    throw new ConfigError("BOUQUET_TLS_CERTIFICATE and BOUQUET_TLS_KEY must be given together.");
  }
  return {
    dataDirectory,
    database: {
      url: values.DATABASE_URL,
      connectionsPerCopy: values.BOUQUET_DATABASE_CONNECTIONS,
      sharedBuffers: values.BOUQUET_POSTGRES_SHARED_BUFFERS,
    },
    blobs: {
      kind: "filesystem",
      directory: values.BOUQUET_BLOB_STORE ? resolve(cwd, values.BOUQUET_BLOB_STORE) : resolve(dataDirectory, "blobs"),
    },
    web: {
      baseDomain,
      hosts,
      publicScheme: values.BOUQUET_PUBLIC_SCHEME,
      publicPort: values.BOUQUET_PUBLIC_PORT,
      trustedProxies: values.BOUQUET_TRUSTED_PROXIES,
    },
    listen: {
      address: values.BOUQUET_BIND_ADDRESS === "*" ? undefined : values.BOUQUET_BIND_ADDRESS,
      ports: {
        http: values.BOUQUET_HTTP_PORT,
        metrics: values.BOUQUET_METRICS_PORT,
        smtp: values.BOUQUET_SMTP_PORT,
        submission: values.BOUQUET_SUBMISSION_PORT,
        submissions: values.BOUQUET_SUBMISSIONS_PORT,
        imap: values.BOUQUET_IMAP_PORT,
        imaps: values.BOUQUET_IMAPS_PORT,
        pop3: values.BOUQUET_POP3_PORT,
        pop3s: values.BOUQUET_POP3S_PORT,
        managesieve: values.BOUQUET_MANAGESIEVE_PORT,
      },
      tls: certificate && key ? { certificate: resolve(cwd, certificate), key: resolve(cwd, key) } : undefined,
      allowPlainAuthOnLoopback: values.BOUQUET_ALLOW_PLAIN_AUTH_ON_LOOPBACK,
      proxies: values.BOUQUET_PROXY_PROTOCOL_NETWORKS ?? [],
    },
    roles: new Set(values.BOUQUET_ROLES),
    copies: values.BOUQUET_COPIES === "auto" ? availableParallelism() : values.BOUQUET_COPIES,
    mail: {
      routes: values.BOUQUET_MAIL_ROUTES,
      dnsServers: values.BOUQUET_DNS_SERVERS,
      dnsValidates: values.BOUQUET_DNS_VALIDATES,
      dkimRotationDays: values.BOUQUET_DKIM_ROTATION_DAYS,
      heloName: values.BOUQUET_HELO_NAME ?? hosts.mail,
      messageSizeLimit: values.BOUQUET_MESSAGE_SIZE_LIMIT,
      imapLiteralMinus: values.BOUQUET_IMAP_LITERAL_MINUS,
      receiving: {
        messageSizeLimit: values.BOUQUET_SMTP_MESSAGE_SIZE_LIMIT,
        rates: {
          connectionsPerMinute: values.BOUQUET_SMTP_CONNECTIONS_PER_MINUTE,
          messagesPerMinute: values.BOUQUET_SMTP_MESSAGES_PER_MINUTE,
          messagesPerSenderAndHour: values.BOUQUET_SMTP_MESSAGES_PER_SENDER_AND_HOUR,
          recipientsPerOrganizationAndMinute: values.BOUQUET_SMTP_RECIPIENTS_PER_ORGANIZATION_AND_MINUTE,
        },
        trustedNetworks: values.BOUQUET_SMTP_TRUSTED_NETWORKS,
        greylistSeconds: values.BOUQUET_GREYLISTING ? values.BOUQUET_GREYLISTING_SECONDS : undefined,
      },
      screening: {
        rspamd: values.BOUQUET_RSPAMD_URL
          ? { url: values.BOUQUET_RSPAMD_URL, password: values.BOUQUET_RSPAMD_PASSWORD }
          : undefined,
        clamd: values.BOUQUET_CLAMD
          ? { place: values.BOUQUET_CLAMD, sizeLimit: values.BOUQUET_CLAMD_SIZE_LIMIT }
          : undefined,
        dnsLists: values.BOUQUET_DNS_LISTS ?? [],
        trustedSealers: values.BOUQUET_TRUSTED_ARC_SEALERS ?? [],
        quarantineDays: values.BOUQUET_QUARANTINE_DAYS,
      },
      smtpLimits: {
        maxConnections: values.BOUQUET_SMTP_MAX_CONNECTIONS,
        maxPerNetwork: values.BOUQUET_SMTP_MAX_CONNECTIONS_PER_NETWORK,
        maxRecipients: values.BOUQUET_SMTP_MAX_RECIPIENTS,
      },
      sendingLimits: {
        person: {
          messagesPerHour: values.BOUQUET_PERSON_MESSAGES_PER_HOUR,
          messagesPerDay: values.BOUQUET_PERSON_MESSAGES_PER_DAY,
          recipientsPerHour: values.BOUQUET_PERSON_RECIPIENTS_PER_HOUR,
          recipientsPerDay: values.BOUQUET_PERSON_RECIPIENTS_PER_DAY,
        },
        organization: {
          messagesPerHour: values.BOUQUET_ORGANIZATION_MESSAGES_PER_HOUR,
          messagesPerDay: values.BOUQUET_ORGANIZATION_MESSAGES_PER_DAY,
          recipientsPerHour: values.BOUQUET_ORGANIZATION_RECIPIENTS_PER_HOUR,
          recipientsPerDay: values.BOUQUET_ORGANIZATION_RECIPIENTS_PER_DAY,
        },
        unknownRecipientsPerHour: values.BOUQUET_UNKNOWN_RECIPIENTS_PER_HOUR,
        networksPerHour: values.BOUQUET_SENDING_NETWORKS_PER_HOUR,
      },
    },
    previews: {
      atOnce: values.BOUQUET_PREVIEWS_AT_ONCE,
      programs: {
        ffmpeg: wanted(values.BOUQUET_FFMPEG),
        pdftoppm: wanted(values.BOUQUET_PDFTOPPM),
        soffice: wanted(values.BOUQUET_SOFFICE),
        heifConvert: wanted(values.BOUQUET_HEIF_CONVERT),
      },
      searched: searched ?? "/usr/local/bin:/usr/bin:/bin",
    },
    quotas: { mail: values.BOUQUET_MAIL_QUOTA, drive: values.BOUQUET_DRIVE_QUOTA },
    recoveryDays: values.BOUQUET_RECOVERY_DAYS,
    trashDays: values.BOUQUET_TRASH_DAYS,
    sharing: { acrossOrganizations: values.BOUQUET_SHARING_ACROSS_ORGANIZATIONS },
    declaresWindowsNames: values.BOUQUET_DECLARE_WINDOWS_NAMES,
    brake: {
      files: values.BOUQUET_BRAKE_FILES,
      percent: values.BOUQUET_BRAKE_PERCENT,
      minutes: values.BOUQUET_BRAKE_MINUTES,
    },
    versionsPercent: values.BOUQUET_VERSIONS_PERCENT,
    timeZone: values.BOUQUET_TIME_ZONE,
    language: values.BOUQUET_LANGUAGE,
    operator: {
      name: values.BOUQUET_OPERATOR_NAME,
      logo: values.BOUQUET_OPERATOR_LOGO && resolve(cwd, values.BOUQUET_OPERATOR_LOGO),
    },
    support: {
      phone: values.BOUQUET_SUPPORT_PHONE,
      hours: values.BOUQUET_SUPPORT_HOURS,
      email: values.BOUQUET_SUPPORT_EMAIL,
      url: values.BOUQUET_SUPPORT_URL,
    },
    log: { level: values.BOUQUET_LOG_LEVEL, format: values.BOUQUET_LOG_FORMAT },
  };
}

function wanted(program: string): string | undefined {
  return program === "none" ? undefined : program;
}

const portSettings = {
  BOUQUET_HTTP_PORT: "http",
  BOUQUET_METRICS_PORT: "metrics",
  BOUQUET_SMTP_PORT: "smtp",
  BOUQUET_SUBMISSION_PORT: "submission",
  BOUQUET_SUBMISSIONS_PORT: "submissions",
  BOUQUET_IMAP_PORT: "imap",
  BOUQUET_IMAPS_PORT: "imaps",
  BOUQUET_POP3_PORT: "pop3",
  BOUQUET_POP3S_PORT: "pop3s",
  BOUQUET_MANAGESIEVE_PORT: "managesieve",
} as const;

function refuseContradictions(config: Config): void {
  const { portal, mail, drive } = config.web.hosts;
  if (new Set([portal, mail, drive]).size < 3) {
    throw new ConfigError(
      "BOUQUET_PORTAL_HOST, BOUQUET_MAIL_HOST and BOUQUET_DRIVE_HOST must be three different host names: each service is an origin of its own.",
    );
  }
  const taken = new Map<number, SettingName>();
  for (const [name, key] of Object.entries(portSettings) as [
    keyof typeof portSettings,
    keyof Config["listen"]["ports"],
  ][]) {
    const port = config.listen.ports[key];
    const other = taken.get(port);
    if (port !== 0 && other) throw new ConfigError(`${name} must differ from ${other}, not be ${port} as well.`);
    taken.set(port, name);
  }
}
