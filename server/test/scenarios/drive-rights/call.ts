import type { OutgoingHttpHeaders } from "node:http";
import { request as httpRequest } from "node:http";
import type { Need } from "./roles.ts";
import type { Extra, Holder, Scene } from "./scene.ts";
import { linkPassword } from "./world.ts";

/** What came of a try. */
export interface Outcome {
  readonly status: number;
  /** Headers that lead somewhere, and the body. */
  readonly body: string;
}

/** One way to do something, by whoever may or may not. */
export interface Call {
  /** As the program tells it: `PROPFIND /remote.php/dav/files/*`. */
  readonly route: string;
  /** Which of its uses. */
  readonly name: string;
  readonly need: Need;
  /** A call that finds is answered to anybody with a name; what is not theirs to see is not in the answer. */
  readonly does: "reads" | "changes" | "finds";
  /** What the scene has for it. */
  readonly extras?: readonly Extra[];
  /** It changes more than its own scene. */
  readonly goesFurther?: boolean;
  /** Of a call that finds: what is found. The name of what is shared when nothing is said. */
  readonly shows?: (scene: Scene) => string;
  readonly run: (scene: Scene) => Promise<Outcome>;
}

/** Each use of one route. */
export function uses(route: string, calls: readonly Omit<Call, "route">[]): Call[] {
  return calls.map((call) => ({ route, ...call }));
}

/** What a program sends of a link: the name that its person gave, and the password. */
function ofLink({ role, token }: Holder): OutgoingHttpHeaders {
  if (token === undefined) return {};
  const password = role.link?.password === "given" ? linkPassword : "";
  const authorization = `Basic ${Buffer.from(`${token}:${password}`).toString("base64")}`;
  return { "x-nc-nickname": "Paul", authorization };
}

/** A request of a program, by the app password of whoever comes. */
export async function client(
  { holder }: Scene,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body?: string | Uint8Array,
): Promise<Outcome> {
  const answer = await holder.world.dav.ask(holder.person, method, path, { ...ofLink(holder), ...headers }, body);
  return { status: answer.status, body: `${answer.headers.location ?? ""} ${answer.body}` };
}

/** The person whose trees are asked for: one's own, or another's to see whether they open. */
export function uidOf({ holder }: Scene): string {
  return (holder.role.goesToOwner ? holder.owner : (holder.person ?? holder.owner)).uid;
}

/** In the files of who comes, by the addresses that clients have for them, in turn. */
export function fileUrl(scene: Scene, path: string): string {
  const { role, token } = scene.holder;
  const inTree = encodeURI(`${scene.path.slice(role.way === "link" ? scene.holder.path.length : 0)}${path}`);
  if (token !== undefined) return `/public.php/dav/files/${token}${inTree}`;
  const uid = uidOf(scene);
  const addresses = [`/remote.php/dav/files/${uid}`, `/dav/files/${uid}`, "/remote.php/webdav"];
  return `${addresses[role.goesToOwner ? 0 : scene.holder.turn % 3]}${inTree}`;
}

/** A request of WebDAV about something in the scene. */
export const dav =
  (method: string, path: string, headers: OutgoingHttpHeaders = {}, body?: string) =>
  (scene: Scene): Promise<Outcome> =>
    client(scene, method, fileUrl(scene, path), headers, body);

/** MOVE or COPY within the scene. */
export const toName =
  (method: "MOVE" | "COPY", from: string, path: string) =>
  (scene: Scene): Promise<Outcome> =>
    dav(method, from, { destination: fileUrl(scene, path) })(scene);

/** A call of OCS, with a form. */
export const ocs =
  (method: string, path: (scene: Scene) => string, form?: (scene: Scene) => Record<string, string>) =>
  (scene: Scene): Promise<Outcome> => {
    const where = path(scene);
    const url = `/ocs/v2.php${where}${where.includes("?") ? "&" : "?"}format=json`;
    const body = form && new URLSearchParams(form(scene)).toString();
    return client(scene, method, url, { "content-type": "application/x-www-form-urlencoded" }, body);
  };

/** A request of the page of the drive, in the browser of whoever comes. */
export const browser =
  (method: string, path: (scene: Scene) => string, body?: (scene: Scene) => object | string) =>
  async (scene: Scene): Promise<Outcome> => {
    const { world, person } = scene.holder;
    return page(scene, method, path(scene), person ? await world.signIn(person) : {}, body?.(scene));
  };

/** The same for each of several things: it counts as refused when it is for the one that is asked for. */
export const batch =
  (method: string, path: string, body: (scene: Scene) => object) =>
  async (scene: Scene): Promise<Outcome> => {
    const answer = await browser(method, () => path, body)(scene);
    if (answer.status !== 200) return answer;
    const { results } = JSON.parse(answer.body) as { results: { error: object | null }[] };
    return results.every(({ error }) => error === null) ? answer : { ...answer, status: 403 };
  };

/** A request of the page of a link. */
export const visit =
  (method: string, path: (scene: Scene) => string, body?: object | string) =>
  (scene: Scene): Promise<Outcome> => {
    const { token, proof } = scene.holder;
    return page(scene, method, `/s/${token}${path(scene)}`, proof ? { cookie: `bouquet-share=${proof}` } : {}, body);
  };

/** On the host of the drive. The answer is its head when it never ends. */
function page(
  { holder }: Scene,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: object | string | undefined,
): Promise<Outcome> {
  const { suite } = holder.world.dav;
  const origin = suite.origins.drive;
  const bytes = typeof body === "object" ? JSON.stringify(body) : body;
  const type = typeof body === "object" ? "application/json" : "text/plain";
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const request = httpRequest({
    ...{ host: "127.0.0.1", port: suite.port("http"), method, path },
    headers: {
      ...{ host: new URL(origin).host, origin, ...headers },
      ...(bytes !== undefined && { "content-type": type, "content-length": Buffer.byteLength(bytes) }),
    },
  });
  request.on("error", reject);
  request.on("response", (response) => {
    const status = response.statusCode ?? 0;
    const chunks: Buffer[] = [];
    response.on("error", () => {});
    if (response.headers["content-type"] === "text/event-stream") {
      resolve({ status, body: "" });
      return void request.destroy();
    }
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () => resolve({ status, body: `${response.headers.location ?? ""}${Buffer.concat(chunks)}` }));
  });
  request.end(bytes);
  return promise;
}

/** One step after the other; what one refuses ends it. */
export const inOrder =
  (...steps: readonly ((scene: Scene) => Promise<Outcome>)[]) =>
  async (scene: Scene): Promise<Outcome> => {
    let last: Outcome | undefined;
    for (const step of steps) {
      last = await step(scene);
      if (last.status >= 300) return last;
    }
    return last!;
  };
