import { createHash } from "node:crypto";
import sharp from "sharp";
import { DomainError } from "../../domain/errors.ts";
import { findPersonByUid } from "../../domain/identity/find-person-by-uid.ts";
import { authenticateDav } from "../dav/authenticate-dav.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import type { PageRoute } from "./page-route.ts";

/** Ground and letters, as the web app has them (tokens `--av-1` to `--av-8`), in the light and in the dark. */
const colors = {
  light: [
    ["#d9e7d5", "#22512f"],
    ["#f3e3bf", "#654400"],
    ["#f5dacf", "#82301d"],
    ["#d6e4ea", "#234f66"],
    ["#d3e7e1", "#16524a"],
    ["#e6e4c4", "#4c4c12"],
    ["#ead9c8", "#633e1c"],
    ["#e0ddd3", "#464538"],
  ],
  dark: [
    ["#2a4230", "#c3e3c8"],
    ["#463718", "#f1d79e"],
    ["#4c2a21", "#f6c5b7"],
    ["#213a47", "#c0deec"],
    ["#1c4039", "#b7e2d8"],
    ["#3a3a18", "#e2e2ab"],
    ["#442f1d", "#ecd0b4"],
    ["#37372f", "#dcdacd"],
  ],
} as const;

type Shade = keyof typeof colors;

/** Pictures kept, each of some kilobytes. */
const mostKept = 500;

/** `/avatar/<uid>/<size>`: the initials of a colleague on their color, as Nextcloud makes them for who has no picture. */
export function avatarRoutes(deps: NextcloudDeps): PageRoute[] {
  const kept = new Map<string, Promise<Buffer>>();
  const draw = (name: string, size: number, shade: Shade): Promise<Buffer> => {
    const key = `${shade} ${size} ${name}`;
    const found = kept.get(key) ?? drawInitials(name, size, shade);
    kept.delete(key);
    kept.set(key, found);
    found.catch(() => kept.delete(key));
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
    return found;
  };
  const route = (path: string, shade: Shade, isGuest: boolean): PageRoute => ({
    method: "GET",
    path,
    handle: async (request, response, { uid, size }) => {
      const { viewer } = await authenticateDav(deps.authenticator, request);
      const name = isGuest
        ? uid!.slice(0, 100)
        : (await findPersonByUid(deps.store.read, viewer.organizationId, uid!))?.displayName;
      if (name === undefined) throw new DomainError("not_found", "There is no such person");
      // The two sizes that there are (Nextcloud 31 gives no other).
      const pixels = Number(size) > 64 || !/^\d{1,4}$/.test(size!) ? 512 : 64;
      const bytes = await draw(name, pixels, shade);
      const etag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
      const headers = {
        etag,
        "cache-control": "private, max-age=86400, must-revalidate",
        "x-nc-iscustomavatar": "0",
        "x-content-type-options": "nosniff",
      };
      if (request.headers["if-none-match"] === etag) return void response.writeHead(304, headers).end();
      response.writeHead(200, {
        ...headers,
        "content-type": "image/png",
        "content-length": bytes.length,
        "content-disposition": `inline; filename="avatar.${pixels}.png"`,
      });
      response.end(request.method === "HEAD" ? undefined : bytes);
    },
  });
  return [
    route("/avatar/{uid}/{size}", "light", false),
    route("/avatar/{uid}/{size}/dark", "dark", false),
    route("/avatar/guest/{uid}/{size}", "light", true),
    route("/avatar/guest/{uid}/{size}/dark", "dark", true),
  ];
}

/** The first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.normalize("NFC").match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => (word ? [...word][0]! : ""));
  return letters.join("").toLocaleUpperCase("fr") || "?";
}

async function drawInitials(name: string, size: number, shade: Shade): Promise<Buffer> {
  const palette = colors[shade];
  const [ground, letters] = palette[createHash("sha256").update(name).digest()[0]! % palette.length]!;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 100 100">
<rect width="100" height="100" fill="${ground}"/>
<text x="50" y="50" dy=".35em" text-anchor="middle" font-family="Atkinson Hyperlegible Next, DejaVu Sans, sans-serif" font-weight="600" font-size="42" fill="${letters}">${initialsOf(name)}</text></svg>`;
  return sharp(Buffer.from(svg)).png({ compressionLevel: 9 }).toBuffer();
}
