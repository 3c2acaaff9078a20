import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPreviews } from "../../src/domain/drive/previews/open-previews.ts";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { loadServerSecrets } from "../../src/domain/identity/server-secrets.ts";
import { createHttpServer } from "../../src/net/http-server.ts";
import { createPreviewRenderer } from "../../src/outbound/previews/create-preview-renderer.ts";
import { sharePages } from "../../src/protocols/share-pages/share-pages.ts";
import { createServiceApp } from "../../src/protocols/web-api/create-service-app.ts";
import { driveApi } from "../../src/protocols/web-api/drive/drive-api.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { type DriveWorld, openDriveWorld, type Person } from "./drive-world.ts";
import { testSettings } from "./identity-suite.ts";

export interface DriveSuite {
  world: DriveWorld;
  port: number;
  /** Where the browser believes to be. */
  origin: string;
  /** Headers of a browser in which the person is signed in, for unsafe requests too. */
  signIn(person: Person): Promise<Record<string, string>>;
  /** A request of that browser; `body` is sent as JSON when it is a plain object. */
  call(method: string, path: string, headers?: Record<string, string>, body?: unknown): Promise<Response>;
  close(): Promise<void>;
}

/** The service app of the drive host behind the real HTTP server. */
export async function openDriveSuite(): Promise<DriveSuite> {
  const world = await openDriveWorld();
  const secrets = await loadServerSecrets(world.store);
  const identity = { store: world.store, secrets };
  const settings = testSettings();
  // Pictures and texts are drawn, as where no other program is installed.
  const workDirectory = await mkdtemp(join(tmpdir(), "bouquet-drawing-"));
  const renderer = createPreviewRenderer({
    programs: {},
    workDirectory,
    hidden: [],
    searched: "/usr/bin:/bin",
  });
  const previews = openPreviews(world.deps, { renderer, places: 2, log: silentLogger });
  const deps = { ...world.deps, secrets, previews };
  const closing = new AbortController();
  const app = await createServiceApp({
    service: "drive",
    settings,
    identity,
    log: silentLogger,
    closing: closing.signal,
    plugins: [driveApi(deps), sharePages(deps)],
  });
  const server = await createHttpServer({
    listen: { host: "127.0.0.1", port: 0 },
    log: silentLogger,
    handler: app.routing,
  });
  return {
    world,
    port: server.port,
    origin: settings.origins.drive,
    async signIn(person) {
      const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
      const { familyId } = await openPortalSession(identity, person.viewer, client);
      const { uid } = person.viewer;
      const { token, csrfToken } = await openServiceSession(identity, { uid, familyId, service: "drive", client });
      return { cookie: `bouquet=${token}`, origin: settings.origins.drive, "x-bouquet-csrf": csrfToken };
    },
    call(method, path, headers = {}, body) {
      const isJson = body !== undefined && Object.getPrototypeOf(body) === Object.prototype;
      return fetch(`http://127.0.0.1:${server.port}${path}`, {
        method,
        headers: { ...headers, ...(isJson && { "content-type": "application/json" }) },
        ...(body !== undefined && { body: (isJson ? JSON.stringify(body) : body) as BodyInit }),
        redirect: "manual",
      });
    },
    async close() {
      closing.abort();
      await server.close(2_000);
      await app.close();
      await previews.close();
      await rm(workDirectory, { recursive: true, force: true });
      await world.close();
    },
  };
}
