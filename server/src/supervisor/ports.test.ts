import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { loadConfig } from "../config/load-config.ts";
import { ListenError } from "../net/listen-error.ts";
import { portsOfRoles, tryPorts } from "./ports.ts";

const free = {
  BOUQUET_BIND_ADDRESS: "127.0.0.1",
  BOUQUET_HTTP_PORT: "0",
  BOUQUET_METRICS_PORT: "0",
  BOUQUET_SMTP_PORT: "0",
  BOUQUET_SUBMISSION_PORT: "0",
  BOUQUET_SUBMISSIONS_PORT: "0",
  BOUQUET_IMAP_PORT: "0",
  BOUQUET_IMAPS_PORT: "0",
  BOUQUET_POP3_PORT: "0",
  BOUQUET_POP3S_PORT: "0",
  BOUQUET_MANAGESIEVE_PORT: "0",
};
const load = (env: Record<string, string>) => loadConfig({ env: { ...free, ...env }, cwd: import.meta.dirname });

test("a port in use is named with its setting, and the others are given back", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await assert.rejects(tryPorts(load({ BOUQUET_IMAP_PORT: String(port), BOUQUET_COPIES: "2" })), (error) => {
    assert.ok(error instanceof ListenError);
    assert.equal(
      error.message,
      `The IMAP server (BOUQUET_IMAP_PORT) cannot listen on port ${port} of 127.0.0.1: another program already uses it.`,
    );
    return true;
  });
  other.close();
  await once(other, "close");
  assert.equal((await tryPorts(load({ BOUQUET_IMAP_PORT: String(port) }))).imap, port);
});

test("an address that this machine does not have is named", async () => {
  await assert.rejects(
    tryPorts(load({ BOUQUET_BIND_ADDRESS: "192.0.2.77", BOUQUET_COPIES: "2" })),
    /this machine does not have that address/,
  );
});

test("several copies agree on free ports beforehand; one copy chooses when it listens", async () => {
  assert.equal((await tryPorts(load({}))).http, 0);
  const ports = Object.values(await tryPorts(load({ BOUQUET_COPIES: "2" })));
  assert.ok(ports.every((port) => port > 0));
  assert.equal(new Set(ports).size, ports.length);
});

test("ports of roles that this process does not have are not touched", () => {
  assert.deepEqual(portsOfRoles(new Set(["imap"])), [
    "http",
    "metrics",
    "imap",
    "imaps",
    "pop3",
    "pop3s",
    "managesieve",
  ]);
});
