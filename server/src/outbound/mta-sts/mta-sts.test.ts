import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { createAuthority, type TestAuthority } from "../../../test/harness/certificates.ts";
import { FakeDns } from "../../../test/harness/fake-dns.ts";
import { type SmtpSink, startSmtpSink } from "../../../test/harness/smtp-sink.ts";
import type { RecipientResult } from "../../domain/mail/submission/mail-transport.ts";
import type { KnownPolicy, PolicyMemory } from "../../domain/mail/submission/mta-sts-policies.ts";
import { silentLogger } from "../../telemetry/logger.ts";
import { createMailTransport } from "../smtp-client/deliver-by-smtp.ts";
import { fetchPolicy, isPublic } from "./fetch-policy.ts";
import { createPolicyFinder } from "./find-policy.ts";

let authority: TestAuthority;
let web: Server;
let good: SmtpSink;
let stranger: SmtpSink;
let dns: FakeDns;
let fetches: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

const policyText = "version: STSv1\r\nmode: enforce\r\nmx: mx.ext.example\r\nmax_age: 604800\r\n";
const say = (text: string, type = "text/plain; charset=utf-8", status = 200) => {
  answer = (_request, response) => void response.writeHead(status, { "content-type": type }).end(text);
};

before(async () => {
  authority = createAuthority();
  web = createServer(authority.issue("mta-sts.ext.example"), (request, response) => {
    fetches++;
    answer(request, response);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  good = await startSmtpSink(authority.issue("mx.ext.example"));
  stranger = await startSmtpSink(authority.issue("autre.example"));
});
beforeEach(() => {
  dns = new FakeDns();
  fetches = 0;
  good.messages.length = 0;
  stranger.messages.length = 0;
  say(policyText);
  dns.set("A", "mta-sts.ext.example", ["127.0.0.1"]);
  dns.set("TXT", "_mta-sts.ext.example", [["v=STSv1; id=1;"]]);
  dns.set("MX", "ext.example", [{ exchange: "mx.ext.example", priority: 10 }]);
  dns.set("A", "mx.ext.example", ["127.0.0.1"]);
});
after(async () => {
  web.closeAllConnections();
  web.close();
  await good.close();
  await stranger.close();
  authority.close();
});

const options = () => ({
  resolver: dns,
  port: (web.address() as AddressInfo).port,
  ca: authority.ca,
  allowPrivate: true,
  timeoutMs: 10_000,
});

function memory(known?: KnownPolicy): PolicyMemory & { known: KnownPolicy | undefined } {
  return {
    known,
    async find() {
      return this.known && this.known.expiresAt > new Date() ? this.known : undefined;
    },
    async keep(_domain, policy) {
      this.known = policy;
    },
  };
}

const finder = (kept = memory()) => createPolicyFinder({ ...options(), memory: kept, log: silentLogger });

async function deliver(port: number, findPolicy = finder()): Promise<RecipientResult> {
  const transport = createMailTransport({
    resolver: dns,
    findPolicy,
    heloName: "mx.bouquet.example",
    routes: [],
    mxPort: port,
    ca: authority.ca,
    idleMs: 0,
  });
  const bytes = Buffer.from("From: a@b.example\r\n\r\nBonjour\r\n");
  const [result] = await transport.deliver(
    "ext.example",
    {
      returnPath: "lea@bourg-fleuri.example",
      recipients: [{ id: "1", address: "x@ext.example", notify: null, orcpt: null }],
      prependedHeaders: "",
      message: { size: bytes.length, open: () => Readable.from([bytes]) },
      isEightBit: false,
      dsn: { ret: null, envid: null },
    },
    new AbortController().signal,
  );
  return result!;
}

test("a policy is fetched over HTTPS and read", async () => {
  assert.deepEqual(await fetchPolicy("ext.example", options()), {
    mode: "enforce",
    mx: ["mx.ext.example"],
    maxAgeSeconds: 604_800,
  });
});

test("a redirect, another type, an error, too many bytes or no policy give none", async () => {
  answer = (_request, response) => void response.writeHead(302, { location: "/elsewhere" }).end();
  await assert.rejects(fetchPolicy("ext.example", options()), /302/);
  say(policyText, "text/html");
  await assert.rejects(fetchPolicy("ext.example", options()), /plain text/);
  say(policyText, "text/plain", 404);
  await assert.rejects(fetchPolicy("ext.example", options()), /404/);
  say(`${policyText}${"x: y\n".repeat(20_000)}`);
  await assert.rejects(fetchPolicy("ext.example", options()), /more than 65536/);
  say("<html>");
  await assert.rejects(fetchPolicy("ext.example", options()), /no valid policy/);
  answer = () => {};
  await assert.rejects(fetchPolicy("ext.example", { ...options(), timeoutMs: 200 }));
});

test("a certificate of another name or that nobody vouches for gives no policy, nor does our own network", async () => {
  dns.set("A", "mta-sts.autre.example", ["127.0.0.1"]);
  await assert.rejects(fetchPolicy("autre.example", options()), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  const { ca, ...without } = options();
  assert.ok(ca);
  await assert.rejects(fetchPolicy("ext.example", without), /certificate/);
  await assert.rejects(fetchPolicy("ext.example", { ...options(), allowPrivate: false }), /no address/);
  assert.equal(fetches, 0);
});

test("no policy is fetched from an address that leads into our own network by a detour", () => {
  for (const address of [
    ...["127.0.0.1", "10.0.0.1", "0.0.0.0", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"],
    ...[
      "::1",
      "::",
      "::ffff:127.0.0.1",
      "::ffff:10.0.0.1",
      "::127.0.0.1",
      "64:ff9b::7f00:1",
      "2002:7f00:1::",
      "fe80::1",
      "fd00::1",
    ],
  ]) {
    assert.equal(isPublic(address), false, address);
  }
  for (const address of ["8.8.8.8", "192.0.2.1", "2001:4860:4860::8888", "::ffff:8.8.8.8"]) {
    assert.equal(isPublic(address), true, address);
  }
});

test("a policy is fetched once, and again when its id changes", async () => {
  const find = finder();
  assert.equal((await find("ext.example"))?.mode, "enforce");
  await Promise.all([find("ext.example"), find("ext.example")]);
  assert.equal(fetches, 1);
  dns.set("TXT", "_mta-sts.ext.example", [["v=STSv1; id=2;"]]);
  say(policyText.replace("enforce", "testing"));
  assert.equal((await find("ext.example"))?.mode, "testing");
  assert.equal(fetches, 2);
});

test("a policy that is known binds until it expires, whatever DNS and its server say", async () => {
  const kept = memory();
  await finder(kept)("ext.example");
  dns.set("TXT", "_mta-sts.ext.example", Object.assign(new Error("gone"), { code: "ENOTFOUND" }));
  assert.equal((await finder(kept)("ext.example"))?.mode, "enforce");
  dns.set("TXT", "_mta-sts.ext.example", [["v=STSv1; id=3;"]]);
  say("", "text/plain", 500);
  const find = finder(kept);
  assert.equal((await find("ext.example"))?.mode, "enforce");
  await find("ext.example");
  assert.equal(fetches, 2, "a fetch that failed is not tried again at once");
  kept.known = { ...kept.known!, expiresAt: new Date(0) };
  assert.equal(await finder(kept)("ext.example"), undefined);
});

test("mail goes to a server that the policy names and that proves its name", async () => {
  assert.deepEqual([(await deliver(good.port)).outcome, good.messages[0]!.isSecure], ["sent", true]);
});

test("under an enforced policy a stranger's certificate, no TLS or another MX gets nothing", async () => {
  const wrong = await deliver(stranger.port);
  assert.deepEqual([wrong.outcome, wrong.status], ["retry", "4.7.5"]);
  const plain = await startSmtpSink({ disabledCommands: ["STARTTLS"] });
  assert.deepEqual([(await deliver(plain.port)).status, plain.messages.length], ["4.7.5", 0]);
  await plain.close();
  dns.set("MX", "ext.example", [{ exchange: "mx.pirate.example", priority: 10 }]);
  dns.set("A", "mx.pirate.example", ["127.0.0.1"]);
  const other = await deliver(good.port);
  assert.deepEqual([other.status, good.messages.length], ["4.7.5", 0]);
  assert.match(other.reply, /does not name mx\.pirate\.example/);
  assert.equal(stranger.messages.length, 0);
});

test("a policy that is only tested, or none, changes nothing", async () => {
  say(policyText.replace("enforce", "testing"));
  assert.equal((await deliver(stranger.port)).outcome, "sent");
  dns.set("TXT", "_mta-sts.ext.example", []);
  assert.equal((await deliver(stranger.port)).outcome, "sent");
});
