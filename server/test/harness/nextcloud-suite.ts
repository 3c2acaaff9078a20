import { createAppPassword } from "../../src/domain/identity/app-passwords.ts";
import type { IdentityDeps } from "../../src/domain/identity/identity-deps.ts";
import { loadServerSecrets } from "../../src/domain/identity/server-secrets.ts";
import { createHttpRouter } from "../../src/net/http-router.ts";
import { createHttpServer } from "../../src/net/http-server.ts";
import type { NextcloudDeps } from "../../src/protocols/nextcloud/nextcloud-deps.ts";
import { type PushLimits, servePush } from "../../src/protocols/nextcloud/push/serve-push.ts";
import { nextcloudRoutes } from "../../src/protocols/nextcloud/serve-nextcloud.ts";
import { createHttpAuthenticator } from "../../src/protocols/shared/http-authentication.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { type DriveWorld, openDriveWorld, type Person } from "./drive-world.ts";
import { testSettings } from "./identity-suite.ts";

export interface NextcloudDevice {
  readonly appPasswordId: string;
  readonly secret: string;
  /** The Authorization header. */
  readonly authorization: string;
}

export interface NextcloudSuite {
  readonly world: DriveWorld;
  readonly identity: IdentityDeps;
  readonly deps: NextcloudDeps;
  readonly port: number;
  readonly base: string;
  /** An app password for files. */
  addDevice(person: Person, name?: string): Promise<NextcloudDevice>;
  call(method: string, path: string, device?: NextcloudDevice, init?: RequestInit): Promise<Response>;
  /** The data of an OCS call of version 2 that must have succeeded, or the status of one that did not. */
  ocs(method: string, path: string, device: NextcloudDevice, form?: Record<string, string>): Promise<OcsResult>;
  close(): Promise<void>;
}

export interface OcsResult {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly data: any;
}

/** The client API outside of DAV behind the real HTTP server. */
export async function openNextcloudSuite(options: { push?: Partial<PushLimits> } = {}): Promise<NextcloudSuite> {
  const world = await openDriveWorld();
  const secrets = await loadServerSecrets(world.store);
  const identity = { store: world.store, secrets };
  const settings = testSettings();
  const authenticator = createHttpAuthenticator(identity, "drive", settings);
  const deps: NextcloudDeps = { ...world.deps, secrets, authenticator, settings, log: silentLogger };
  const limits = { signInMs: 15_000, pingMs: 30_000, perPerson: 64, waiting: 500, unread: 64 * 1024, ...options.push };
  const route = createHttpRouter(nextcloudRoutes(deps), (_request, response) => void response.writeHead(404).end());
  let push: ReturnType<typeof servePush> | undefined;
  const server = await createHttpServer({
    listen: { host: "127.0.0.1", port: 0 },
    log: silentLogger,
    handler: route,
    upgrade: {
      accepts: (request) => push?.accepts(request) ?? false,
      take: (request, socket, head) => push?.take(request, socket, head),
    },
  });
  push = servePush(deps, server.closing, limits);
  const base = `http://127.0.0.1:${server.port}`;

  const call: NextcloudSuite["call"] = (method, path, device, init = {}) =>
    fetch(`${base}${path}`, {
      redirect: "manual",
      ...init,
      method,
      headers: { ...(device && { authorization: device.authorization }), ...init.headers },
    });

  return {
    world,
    identity,
    deps,
    port: server.port,
    base,
    async addDevice(person, name = "PC-MAIRIE") {
      const { secret, appPassword } = await createAppPassword(identity, person.viewer, { name, scopes: ["dav"] });
      const credentials = Buffer.from(`${person.viewer.uid}:${secret}`).toString("base64");
      return { appPasswordId: appPassword.id, secret, authorization: `Basic ${credentials}` };
    },
    call,
    async ocs(method, path, device, form) {
      const separator = path.includes("?") ? "&" : "?";
      const response = await call(method, `/ocs/v2.php${path}${separator}format=json`, device, {
        headers: { "ocs-apirequest": "true" },
        ...(form && { body: new URLSearchParams(form) }),
      });
      const text = await response.text();
      return { status: response.status, data: text === "" ? undefined : JSON.parse(text).ocs.data };
    },
    async close() {
      await server.close(2_000);
      await world.close();
    },
  };
}
