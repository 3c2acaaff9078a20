import type { PageRoute } from "../page-route.ts";

/** Kinds of files by how they are drawn: the letter on the page, and its color. */
const icons: Readonly<Record<string, readonly [letter: string, color: string]>> = {
  audio: ["♪", "#9c3d1c"],
  file: ["", "#6b6a5e"],
  image: ["▣", "#1e5b42"],
  "package-x-generic": ["Z", "#654400"],
  text: ["T", "#464538"],
  video: ["▶", "#234f66"],
  "application-pdf": ["P", "#82301d"],
  "x-office-document": ["W", "#234f66"],
  "x-office-presentation": ["D", "#82301d"],
  "x-office-spreadsheet": ["C", "#22512f"],
};

/** Where the icon of a file is that has no picture, named as Nextcloud names them. */
export function iconPath(contentType: string): string {
  return `/index.php/core/img/filetypes/${iconName(contentType)}.svg`;
}

function iconName(contentType: string): string {
  if (contentType === "application/pdf") return "application-pdf";
  if (/spreadsheet|ms-excel/.test(contentType)) return "x-office-spreadsheet";
  if (/presentation|powerpoint/.test(contentType)) return "x-office-presentation";
  if (/opendocument|msword|wordprocessing|\/rtf$/.test(contentType)) return "x-office-document";
  if (/zip|tar$/.test(contentType)) return "package-x-generic";
  const kind = contentType.split("/", 1)[0]!;
  return Object.hasOwn(icons, kind) ? kind : "file";
}

export function fileIconRoutes(): PageRoute[] {
  return [
    {
      method: "GET",
      path: "/core/img/filetypes/{name}",
      handle: (request, response, { name }) => {
        const known = name!.replace(/\.svg$/, "");
        const [letter, color] = icons[Object.hasOwn(icons, known) ? known : "file"]!;
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32">
<path d="M7 2h13l6 6v20a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2z" fill="${color}"/><path d="M20 2l6 6h-6z" fill="#fff" opacity=".5"/>
<text x="15.5" y="23" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="13" fill="#fff">${letter}</text></svg>`;
        response.writeHead(200, {
          "content-type": "image/svg+xml",
          "content-length": Buffer.byteLength(svg),
          "cache-control": "public, max-age=86400",
          "content-security-policy": "default-src 'none'; sandbox",
          "x-content-type-options": "nosniff",
        });
        response.end(request.method === "HEAD" ? undefined : svg);
      },
    },
  ];
}
