import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientMetadata } from "oidc-provider";
import type { IdentityDeps } from "../../src/domain/identity/identity-deps.ts";
import { createIssuer, type Issuer } from "../../src/protocols/oidc/issuer.ts";
import { issuerRoutes } from "../../src/protocols/oidc/issuer-routes.ts";
import { serviceSignIn } from "../../src/protocols/oidc/service-sign-in.ts";
import type { ServiceApp } from "../../src/protocols/shared/service-app.ts";
import type { ServiceName, ServiceSettings } from "../../src/protocols/shared/service-settings.ts";
import { createServiceApp } from "../../src/protocols/web-api/create-service-app.ts";
import { portalApi } from "../../src/protocols/web-api/portal/portal-api.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { testSettings } from "./identity-suite.ts";

export interface WebSuite {
  settings: ServiceSettings;
  issuer: Issuer;
  apps: Record<ServiceName, ServiceApp>;
  port: number;
  close(): Promise<void>;
}

/** Portal, mail and drive behind one port on 127.0.0.1, told apart by Host. Give `origins` for a second copy behind them. */
export async function startWebSuite(
  identity: IdentityDeps,
  options: { clients?: (settings: ServiceSettings) => ClientMetadata[]; origins?: ServiceSettings["origins"] } = {},
): Promise<WebSuite> {
  let dispatch: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const server: Server = createServer((request, response) => dispatch(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = (name: string) => `http://${name}.localhost:${port}`;
  const origins = options.origins ?? { portal: origin("portail"), mail: origin("mail"), drive: origin("drive") };
  const settings = testSettings({ origins });
  const closing = new AbortController();
  const common = { settings, identity, log: silentLogger, closing: closing.signal };
  const issuer = createIssuer({ identity, settings, log: silentLogger, clients: options.clients?.(settings) ?? [] });
  const service = (name: "mail" | "drive") =>
    createServiceApp({ ...common, service: name, plugins: [serviceSignIn(name, issuer, identity)] });
  const apps = {
    portal: await createServiceApp({
      ...common,
      service: "portal",
      plugins: [issuerRoutes(issuer, identity), portalApi(identity, testEndpoints)],
    }),
    mail: await service("mail"),
    drive: await service("drive"),
  };
  dispatch = (request, response) => {
    const name = (["portal", "mail", "drive"] as const).find(
      (each) => new URL(origins[each]).host === request.headers.host,
    );
    if (name) apps[name].routing(request, response);
    else response.writeHead(421).end();
  };
  return {
    settings,
    issuer,
    apps,
    port,
    async close() {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const app of Object.values(apps)) await app.close();
    },
  };
}

const testEndpoints = {
  imap: [{ host: "mail.localhost", port: 2993, security: "tls" as const }],
  pop3: [{ host: "mail.localhost", port: 2995, security: "tls" as const }],
  smtp: [{ host: "mail.localhost", port: 2465, security: "tls" as const }],
  sieve: [{ host: "mail.localhost", port: 4190, security: "starttls" as const }],
  davUrl: undefined,
};

export interface Answer {
  status: number;
  location: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

interface Cookie {
  name: string;
  value: string;
  path: string;
}

/** What a browser does with cookies and redirects, without a page: host-only cookies with their paths, Host headers to one port. */
export class TestBrowser {
  /** By host, then by name and path. */
  readonly cookies = new Map<string, Map<string, Cookie>>();
  readonly visited: string[] = [];
  port: number;

  constructor(port: number) {
    this.port = port;
  }

  cookieHeader(url: URL): string {
    return [...(this.cookies.get(url.hostname)?.values() ?? [])]
      .filter(
        (cookie) =>
          url.pathname === cookie.path ||
          url.pathname.startsWith(cookie.path.replace(/\/?$/, "/")) ||
          cookie.path === "/",
      )
      .map((cookie) => `${cookie.name}=${cookie.value}`)
      .join("; ");
  }

  /** One request; redirects are not followed. */
  async send(
    address: string,
    init: { method?: string; headers?: Record<string, string>; json?: unknown; form?: string } = {},
  ): Promise<Answer> {
    const url = new URL(address);
    this.visited.push(address);
    const body = init.json === undefined ? init.form : JSON.stringify(init.json);
    const type = init.json === undefined ? "application/x-www-form-urlencoded" : "application/json";
    const cookie = this.cookieHeader(url);
    const headers = {
      host: url.host,
      ...(cookie && { cookie }),
      ...(body !== undefined && { "content-type": type, "content-length": String(Buffer.byteLength(body)) }),
      ...init.headers,
    };
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const request = httpRequest(
      { host: "127.0.0.1", port: this.port, method: init.method ?? "GET", path: url.pathname + url.search, headers },
      (response) => {
        this.#keep(url, response.headers["set-cookie"] ?? []);
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("error", reject).on("end", () => {
          const { location } = response.headers;
          resolve({
            status: response.statusCode ?? 0,
            location: location === undefined ? undefined : new URL(location, url).href,
            headers: response.headers,
            body: text,
          });
        });
      },
    );
    request.on("error", reject).end(body);
    return promise;
  }

  /** A navigation: follows redirects to the last page. */
  async open(address: string): Promise<Answer & { url: string }> {
    let url = address;
    for (let hop = 0; hop < 20; hop++) {
      const answer = await this.send(url);
      if (answer.location === undefined) return { ...answer, url };
      url = answer.location;
    }
    throw new Error(`Redirected for ever: ${this.visited.slice(-5).join(" → ")}`);
  }

  #keep(url: URL, lines: readonly string[]): void {
    const jar = this.cookies.get(url.hostname) ?? new Map<string, Cookie>();
    this.cookies.set(url.hostname, jar);
    for (const line of lines) {
      const [pair = "", ...attributes] = line.split(/; */);
      const name = pair.slice(0, pair.indexOf("="));
      const attribute = (wanted: string) =>
        attributes.find((each) => each.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
      const expired =
        attribute("max-age") === "0" || new Date(attribute("expires") ?? "2999-01-01").getTime() < Date.now();
      if (attribute("domain") !== undefined) throw new Error(`A cookie with a Domain: ${line}`);
      const path = attribute("path") ?? "/";
      if (expired) jar.delete(`${name} ${path}`);
      else jar.set(`${name} ${path}`, { name, value: pair.slice(pair.indexOf("=") + 1), path });
    }
  }
}
