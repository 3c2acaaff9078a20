import { createHash } from "node:crypto";
import { createReadStream, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import type { FastifyReply } from "fastify";
import { CompressedFiles, chooseEncoding, isCompressible } from "./compressed-files.ts";

/** The pages that the web app is built into: `portal.html` and so on. */
export type PageName = "portal" | "mail" | "drive" | "share";

interface BuiltFile {
  readonly absolutePath: string;
  readonly size: number;
  readonly contentType: string;
  readonly etag: string;
}

export interface WebPages {
  /** Answers with a page; never cached, because it names the current assets. */
  sendPage(reply: FastifyReply, name: PageName): FastifyReply;
  /** Answers GET and HEAD (see `getAndHead`) with a built file, compressed where that helps, or returns undefined when there is none at this path (`/assets/…`). */
  sendFile(reply: FastifyReply, path: string): FastifyReply | undefined;
}

const contentTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/**
 * Lists the built web app once; only what was listed is ever served, so no path leads elsewhere. Without a build every page
 * answers 503 with a sentence that says so.
 */
export function loadWebPages(directory: string): WebPages {
  const files = new Map<string, BuiltFile>();
  const pages = new Map<string, Buffer>();
  const compressed = new CompressedFiles();
  for (const entry of list(directory)) {
    const path = `/${relative(directory, entry).split(sep).join("/")}`;
    const contentType = contentTypes[extname(path)];
    if (contentType === undefined) continue;
    if (path.endsWith(".html")) {
      pages.set(path.slice(1, -".html".length), readFileSync(entry));
    } else {
      const { size, mtimeMs } = statSync(entry);
      const etag = `"${createHash("sha256").update(`${path} ${size} ${mtimeMs}`).digest("base64url").slice(0, 22)}"`;
      files.set(path, { absolutePath: entry, size, contentType, etag });
    }
  }
  return {
    sendPage(reply, name) {
      const page = pages.get(name);
      reply.header("cache-control", "no-cache").type("text/html; charset=utf-8");
      return page ? reply.send(page) : reply.code(503).send("The web app is not built: run npm run build\n");
    },
    sendFile(reply, path) {
      const file = files.get(path);
      return file && sendBuilt(reply, path, file, compressed);
    },
  };
}

function sendBuilt(reply: FastifyReply, path: string, file: BuiltFile, compressed: CompressedFiles): FastifyReply {
  const { headers, method } = reply.request;
  const encoding = isCompressible(file) ? chooseEncoding(headers["accept-encoding"]?.toString()) : undefined;
  // Names under /assets carry a hash of their content.
  const caching = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  reply.header("cache-control", caching);
  if (isCompressible(file)) reply.header("vary", "accept-encoding");
  const send = (bytes?: Buffer): FastifyReply => {
    const etag = bytes ? file.etag.replace(/"$/, `-${encoding}"`) : file.etag;
    reply.header("etag", etag);
    const known = headers["if-none-match"]?.split(",").map((each) => each.trim().replace(/^W\//, ""));
    if (known?.includes(etag)) return reply.code(304).send();
    reply.headers({ "content-type": file.contentType, "content-length": bytes?.length ?? file.size });
    if (bytes) reply.header("content-encoding", encoding);
    if (method === "HEAD") return reply.send();
    return reply.send(bytes ?? createReadStream(file.absolutePath));
  };
  if (!encoding) return send();
  // The reply is a thenable that answers when it is sent: given back at once, filled later.
  compressed.get(file.absolutePath, encoding).then(send, (error: unknown) => reply.send(error));
  return reply;
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
