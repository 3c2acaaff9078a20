import type { OutgoingHttpHeaders } from "node:http";
import { request as httpRequest } from "node:http";
import { type OpenedDomain, openDomain } from "../../src/open-domain.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { startSuite, type TestSuite, type TestSuiteOptions } from "./start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "./town-hall.ts";

export interface DavAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly bytes: Buffer;
}

export interface DavSuite {
  readonly suite: TestSuite;
  readonly domain: OpenedDomain;
  readonly hall: TownHall;
  /** `http://127.0.0.1:<port>`. */
  readonly base: string;
  addPerson(name: string, filesQuota?: number): Promise<TownPerson>;
  /** URL path of a person's files, or of one of them. */
  filesOf(person: TownPerson, path?: string): string;
  /** One request with the person's app password; the path goes out as it is. */
  ask(
    person: TownPerson | undefined,
    method: string,
    path: string,
    headers?: OutgoingHttpHeaders,
    body?: string | Uint8Array,
  ): Promise<DavAnswer>;
  close(): Promise<void>;
}

/** The whole program, and a town with people whose programs have app passwords for WebDAV. */
export async function startDavSuite(options: TestSuiteOptions = {}): Promise<DavSuite> {
  const suite = await startSuite({ ...options, settings: { BOUQUET_ROLES: "web", ...options.settings } });
  let domain: OpenedDomain;
  try {
    domain = await openDomain(suite.config, suite.connectionString, silentLogger);
  } catch (error) {
    await suite.close();
    throw error;
  }
  const hall = await createTownHall(domain, "Bourg-Fleuri", "bourg.example");
  const port = suite.port("http");
  return {
    suite,
    domain,
    hall,
    base: `http://127.0.0.1:${port}`,
    addPerson: (name, filesQuota = 5e9) => hall.addPerson(name, { quotas: { mail: 1e9, files: filesQuota } }),
    filesOf: (person, path = "/") => `/remote.php/dav/files/${person.uid}${path}`,
    ask: (person, method, path, headers = {}, body) => {
      const credentials = person && Buffer.from(`${person.address}:${person.appPassword}`).toString("base64");
      return send(port, method, path, { ...(person && { authorization: `Basic ${credentials}` }), ...headers }, body);
    },
    async close() {
      await domain.close();
      await suite.close();
    },
  };
}

function send(
  port: number,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  body: string | Uint8Array | undefined,
): Promise<DavAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<DavAnswer>();
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const request = httpRequest({ host: "127.0.0.1", port, method, path, headers: { ...length, ...headers } });
  request.on("error", reject);
  request.on("response", (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const { statusCode = 0 } = response;
      const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      resolve({ status: statusCode, headers: Object.fromEntries(flat), body: bytes.toString(), bytes });
    });
  });
  request.end(body);
  return promise;
}
