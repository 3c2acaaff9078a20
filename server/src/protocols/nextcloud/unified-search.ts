import type { Place } from "../../domain/drive/drive-place.ts";
import { type OpenedDrive, openDrive } from "../../domain/drive/open-drive.ts";
import { type NodeCondition, searchPlaces } from "../../domain/drive/search-places.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import type { OcsRoute } from "./ocs/ocs-route.ts";

const usualLimit = 25;
const mostLimit = 100;

/** What the search of the desktop client and of the phones asks: files by their name. */
export function searchRoutes(deps: NextcloudDeps): OcsRoute[] {
  return [
    {
      method: "GET",
      path: "/search/providers",
      handle: ({ viewer, origin }) => ({
        data: [
          {
            id: "files",
            appId: "files",
            name: viewer.language === "fr" ? "Fichiers" : "Files",
            icon: `${origin}/index.php/apps/theming/image/logo`,
            order: 0,
            isPaginated: true,
            triggers: ["files"],
            filters: { term: "string" },
            inAppSearch: true,
          },
        ],
        hasEtag: true,
      }),
    },
    {
      method: "GET",
      path: "/search/providers/files/search",
      handle: async ({ viewer, device, parameters, origin }) => {
        const limit = Math.min(mostLimit, Math.max(1, parameters.integer("limit") ?? usualLimit));
        const offset = Math.min(5_000, Math.max(0, parameters.integer("cursor") ?? 0));
        const words = wordsOf(parameters.text("term") ?? "");
        const where = conditionOf(words);
        const drive = await openDrive(deps, viewer, device);
        const found = where ? await findNamed(deps, drive, where, { limit: limit + 1, offset }) : [];
        const special = words.filter((word) => /[%_]/.test(word)).map((word) => word.toLowerCase());
        const entries = found
          .slice(0, limit)
          .filter(({ node }) => special.every((word) => node.name.toLowerCase().includes(word)))
          .map((place) => describe(place, origin, viewer.language));
        return {
          data: {
            name: viewer.language === "fr" ? "Fichiers" : "Files",
            isPaginated: true,
            entries,
            cursor: found.length > limit ? offset + limit : null,
          },
        };
      },
    },
  ];
}

function wordsOf(term: string): string[] {
  const words = term.replaceAll("\0", "").toWellFormed().normalize("NFC").trim().split(/\s+/);
  return words.filter(Boolean).slice(0, 10);
}

/** Names that hold every word. */
function conditionOf(words: readonly string[]): NodeCondition | undefined {
  if (words.length === 0) return undefined;
  const parts = words.map((word): NodeCondition => {
    // Both stand for something else in a pattern; what they are is looked at after.
    const value = `%${word.replace(/[%_]/g, "_")}%`;
    return { kind: "compare", field: "name", operator: "like", value };
  });
  return { kind: "and", parts };
}

async function findNamed(
  deps: NextcloudDeps,
  drive: OpenedDrive,
  where: NodeCondition,
  page: { limit: number; offset: number },
): Promise<Place[]> {
  const root: Place = { access: drive.own, node: drive.root, isMountPoint: false, names: [] };
  const order = [{ field: "modified_at", isDescending: true }] as const;
  return searchPlaces(deps.store.read, drive, { scope: root, where, order, ...page });
}

function describe({ node, names }: Place, origin: string, language: "fr" | "en") {
  const folder = names.slice(0, -1).join("/");
  const icon = node.kind === "folder" ? "icon-folder" : "icon-file";
  return {
    thumbnailUrl: "",
    title: names.at(-1) ?? "",
    subline: folder === "" ? "" : language === "fr" ? `dans ${folder}` : `in ${folder}`,
    resourceUrl: `${origin}/index.php/f/${node.file_id}`,
    icon,
    rounded: false,
    attributes: { fileId: String(node.file_id), path: `/${names.join("/")}` },
  };
}
