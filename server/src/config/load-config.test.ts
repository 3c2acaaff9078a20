import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeSelfSignedCertificate } from "../net/self-signed-certificate.ts";
import { ConfigError } from "./config-error.ts";
import { type Environment, loadConfig } from "./load-config.ts";
import { publicOrigins } from "./public-origins.ts";
import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";

const cwd = mkdtempSync(join(tmpdir(), "config-"));
after(() => rmSync(cwd, { recursive: true }));

const load = (env: Environment = {}) => loadConfig({ env, cwd });

/** The sentence that stops the start. */
function refusal(env: Environment): string {
  try {
    load(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /^[^\n]+\.$/);
    return error.message;
  }
  assert.fail(`${JSON.stringify(env)} was accepted`);
}

let files = 0;
function fileWith(content: string): Environment {
  const path = join(cwd, `file-${++files}.conf`);
  writeFileSync(path, content);
  return { BOUQUET_CONFIG: path };
}

test("with nothing set everything has its default", () => {
  const config = load();
  assert.equal(config.dataDirectory, join(cwd, "data"));
  assert.equal(config.blobs.directory, join(cwd, "data/blobs"));
  assert.deepEqual(config.web.hosts, { portal: "portail.localhost", mail: "mail.localhost", drive: "drive.localhost" });
  assert.deepEqual(config.quotas, { mail: 2_000_000_000, drive: 5_000_000_000 });
  assert.equal(config.mail.messageSizeLimit, 25_000_000);
  assert.deepEqual([...config.roles], ["web", "imap", "smtp-in", "submission", "jobs"]);
  assert.equal(config.copies, 1);
  assert.equal(config.listen.address, undefined);
  assert.deepEqual(config.mail.routes, [{ pattern: "*", via: "mx" }]);
});

test("every default is a value that its own setting accepts", () => {
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    if (setting.default !== undefined) assert.notEqual(setting.parser.parse(setting.default), undefined, name);
  }
});

test("the services follow the base domain unless they are named", () => {
  const { hosts } = load({ BOUQUET_BASE_DOMAIN: "Agglo.Example.", BOUQUET_MAIL_HOST: "courrier.example" }).web;
  assert.deepEqual(hosts, { portal: "portail.agglo.example", mail: "courrier.example", drive: "drive.agglo.example" });
});

test("a file is read, and a variable wins over it", () => {
  const file = fileWith(
    '# ours\nBOUQUET_HTTP_PORT = 8081\nBOUQUET_SMTP_PORT=2626\r\nBOUQUET_OPERATOR_NAME="Agglo # Centre "\n',
  );
  const config = load({ ...file, BOUQUET_HTTP_PORT: "8082" });
  assert.equal(config.listen.ports.http, 8082);
  assert.equal(config.listen.ports.smtp, 2626);
  assert.equal(config.operator.name, "Agglo # Centre ");
});

test("bouquet.conf of the working directory is read without being named", () => {
  const directory = mkdtempSync(join(cwd, "here-"));
  writeFileSync(join(directory, "bouquet.conf"), "BOUQUET_LANGUAGE=en");
  assert.equal(loadConfig({ env: {}, cwd: directory }).language, "en");
});

test("an empty variable counts as not given, so that the file speaks", () => {
  assert.equal(load({ ...fileWith("BOUQUET_LANGUAGE=en"), BOUQUET_LANGUAGE: "" }).language, "en");
});

test("a name that does not exist is refused, with the nearest that does", () => {
  assert.match(
    refusal({ BOUQUET_HTPP_PORT: "80" }),
    /BOUQUET_HTPP_PORT is not a setting \(did you mean BOUQUET_HTTP_PORT\?\)/,
  );
  assert.match(refusal(fileWith("\nBOUQUET_COLOR=red")), /BOUQUET_COLOR \(line 2 of .*\) is not a setting/);
  assert.match(refusal(fileWith("BOUQUET_CONFIG=other.conf")), /can only be an environment variable/);
});

test("variables of others are left alone", () => {
  assert.doesNotThrow(() => load({ PATH: "/bin", PGHOST: "x", npm_config_x: "y" }));
});

test("a damaged file is refused with the line", () => {
  assert.match(refusal(fileWith("BOUQUET_LANGUAGE=fr\nwhat is this")), /^Line 2 of .* must have the form NAME=value/);
  assert.match(refusal(fileWith('BOUQUET_LANGUAGE="fr')), /^Line 1 of .* quote that does not end/);
  assert.match(refusal(fileWith("BOUQUET_LANGUAGE=fr\nBOUQUET_LANGUAGE=en")), /twice, on lines 1 and 2/);
  assert.match(refusal({ BOUQUET_CONFIG: "missing.conf" }), /missing\.conf cannot be read \(ENOENT\)/);
});

const wrong: readonly [name: string, value: string, expected: RegExp][] = [
  ["BOUQUET_HTTP_PORT", "65536", /a port number from 0 to 65535.*, not "65536"/],
  ["BOUQUET_HTTP_PORT", "8080x", /a port number/],
  ["BOUQUET_HTTP_PORT", "-1", /a port number/],
  ["BOUQUET_BASE_DOMAIN", "bourg fleuri.fr", /a host name/],
  ["BOUQUET_BASE_DOMAIN", "été.example", /a host name/],
  ["BOUQUET_BASE_DOMAIN", "10.0.0.1", /a host name/],
  ["BOUQUET_PUBLIC_SCHEME", "ftp", /one of http, https/],
  ["BOUQUET_PUBLIC_PORT", "0", /a whole number from 1 to 65535/],
  ["BOUQUET_TRUSTED_PROXIES", "10.0.0.0/33", /IP addresses or networks/],
  ["BOUQUET_BIND_ADDRESS", "localhost", /one IP address/],
  ["BOUQUET_ROLES", "web,imapp", /some of web, imap/],
  ["BOUQUET_ROLES", " , ", /some of web, imap/],
  ["BOUQUET_COPIES", "0", /from 1 to 64, or auto/],
  ["BOUQUET_BLOB_STORE", "s3:bucket", /S3 store, s3:, is not supported yet/],
  ["BOUQUET_MAIL_ROUTES", "example.org", /a list such as/],
  ["BOUQUET_MAIL_ROUTES", "*=mx,*=host", /a list such as/],
  ["BOUQUET_MAIL_ROUTES", "*=host:99999", /a list such as/],
  ["BOUQUET_DNS_SERVERS", "dns.example.org", /a list of IP addresses/],
  ["BOUQUET_MAIL_QUOTA", "2 gigabytes", /a size such as/],
  ["BOUQUET_MAIL_QUOTA", "-2GB", /a size such as/],
  ["BOUQUET_MAIL_QUOTA", "999KB", /at least 1000000 bytes/],
  ["BOUQUET_RECOVERY_DAYS", "13", /a whole number of days, 14 or more, not "13"/],
  ["BOUQUET_TIME_ZONE", "Europe/Bourg-Fleuri", /IANA/],
  ["BOUQUET_TIME_ZONE", "+02:00", /IANA/],
  ["BOUQUET_LANGUAGE", "de", /one of fr, en/],
  ["BOUQUET_SUPPORT_EMAIL", "support", /an e-mail address/],
  ["BOUQUET_SUPPORT_URL", "javascript:alert(1)", /a web address/],
  ["BOUQUET_LOG_LEVEL", "loud", /one of trace/],
  ["BOUQUET_ALLOW_PLAIN_AUTH_ON_LOOPBACK", "maybe", /yes or no/],
  ["DATABASE_URL", "mysql://u:p@h/d", /a PostgreSQL address/],
];

for (const [name, value, expected] of wrong) {
  test(`${name} refuses ${JSON.stringify(value)} in one sentence that names it`, () => {
    const sentence = refusal({ [name]: value });
    assert.ok(sentence.startsWith(`${name} must be `), sentence);
    assert.match(sentence, expected);
  });
}

test("a secret is not repeated in the sentence that refuses it", () => {
  assert.doesNotMatch(refusal({ DATABASE_URL: "mysql://u:hunter2@h/d" }), /hunter2/);
  assert.doesNotMatch(refusal({ BOUQUET_MAIL_ROUTES: "*=u:hunter2@:25" }), /hunter2/);
});

test("the line of the file is named when the wrong value stands there", () => {
  assert.match(refusal(fileWith("\n\nBOUQUET_COPIES=many")), /^BOUQUET_COPIES \(line 3 of .*\) must be/);
});

test("settings that contradict each other are refused", () => {
  assert.match(
    refusal({ BOUQUET_TLS_CERTIFICATE: "cert.pem" }),
    /BOUQUET_TLS_CERTIFICATE and BOUQUET_TLS_KEY must be given together/,
  );
  assert.match(refusal({ BOUQUET_SMTP_PORT: "8080" }), /BOUQUET_SMTP_PORT must differ from BOUQUET_HTTP_PORT/);
  assert.match(refusal({ BOUQUET_MAIL_HOST: "portail.localhost" }), /three different host names/);
});

test("files that settings name are looked into before anything starts", () => {
  const text = join(cwd, "text.txt");
  writeFileSync(text, "hello");
  const tls = (certificate: string, key: string) =>
    refusal({ BOUQUET_TLS_CERTIFICATE: certificate, BOUQUET_TLS_KEY: key });
  assert.match(tls("missing.pem", "missing.pem"), /^BOUQUET_TLS_CERTIFICATE must be a file that can be read.*ENOENT/);
  assert.match(tls(text, text), /^BOUQUET_TLS_CERTIFICATE must be a PEM file/);
  const dates = [new Date(), new Date(Date.now() + 86_400_000)] as const;
  const [one, other] = ["one.example", "other.example"].map((name) => {
    const path = join(cwd, `${name}.pem`);
    writeFileSync(path, makeSelfSignedCertificate([name], ...dates));
    return path;
  }) as [string, string];
  assert.match(tls(one, text), /^BOUQUET_TLS_KEY must be a PEM file with a private key/);
  assert.match(tls(one, other), /^BOUQUET_TLS_KEY must be the key of/);
  assert.deepEqual(load({ BOUQUET_TLS_CERTIFICATE: one, BOUQUET_TLS_KEY: one }).listen.tls, {
    certificate: one,
    key: one,
  });
  assert.match(refusal({ BOUQUET_OPERATOR_LOGO: text }), /ends in \.svg or \.png/);
  assert.match(refusal({ BOUQUET_OPERATOR_LOGO: "logo.svg" }), /cannot \(ENOENT\)/);
});

test("a database may be named by host or by the directory of its socket", () => {
  for (const url of [
    "postgres://u:p@db.example:5432/bouquet",
    "postgresql://db.example/bouquet?sslmode=verify-full",
    "postgres:///bouquet?host=/run/postgresql",
    "postgres://u:p@/bouquet?host=%2Frun%2Fpostgresql",
  ]) {
    assert.equal(load({ DATABASE_URL: url }).database.url, url);
  }
  for (const url of ["postgres://", "postgres://db.example", "db.example/bouquet"]) refusal({ DATABASE_URL: url });
});

test("several ports may be 0, to take free ones", () => {
  const { ports } = load({ BOUQUET_HTTP_PORT: "0", BOUQUET_SMTP_PORT: "0" }).listen;
  assert.deepEqual([ports.http, ports.smtp], [0, 0]);
});

test("mail routes keep their order, and what none matches goes by MX", () => {
  const { routes } = load({
    BOUQUET_MAIL_ROUTES: "example.org=[2001:db8::1]:2526, *.Example.net=u%40x:p%3A%2C@relay.example:587",
  }).mail;
  assert.deepEqual(routes, [
    { pattern: "example.org", via: { host: "2001:db8::1", port: 2526 } },
    { pattern: "*.example.net", via: { host: "relay.example", port: 587, auth: { user: "u@x", password: "p:," } } },
    { pattern: "*", via: "mx" },
  ]);
});

test("sizes are decimal without an i and binary with one", () => {
  const config = load({
    BOUQUET_MAIL_QUOTA: "1.5GB",
    BOUQUET_DRIVE_QUOTA: "20 gib",
    BOUQUET_MESSAGE_SIZE_LIMIT: "30000000",
  });
  assert.deepEqual(config.quotas, { mail: 1_500_000_000, drive: 20 * 2 ** 30 });
  assert.equal(config.mail.messageSizeLimit, 30_000_000);
});

test("public addresses show a port only when it is not the usual one", () => {
  const origins = (env: Environment, port: number) => publicOrigins(load(env).web, port).mail;
  assert.equal(origins({}, 8080), "http://mail.localhost:8080");
  assert.equal(origins({ BOUQUET_BASE_DOMAIN: "a.example" }, 80), "http://mail.a.example");
  assert.equal(origins({ BOUQUET_PUBLIC_SCHEME: "https" }, 8080), "https://mail.localhost");
  assert.equal(
    origins({ BOUQUET_PUBLIC_SCHEME: "https", BOUQUET_PUBLIC_PORT: "8443" }, 8080),
    "https://mail.localhost:8443",
  );
});
