import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { createServer as createVite } from "vite";

/*
 * `npm run dev`: the program on a port behind, restarted when its source changes, and in front of it this server, which
 * answers with what the program says, except that pages and modules come from Vite as they are now.
 */

const root = resolve(import.meta.dirname, "..");
const port = Number(process.env["BOUQUET_HTTP_PORT"] || 8080);
const behind = port + 10_000;

const program: ChildProcess = spawn(
  process.execPath,
  [
    "--watch",
    "--watch-preserve-output",
    "--import",
    "./scripts/launch.mjs",
    "server/src/main.ts",
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, BOUQUET_HTTP_PORT: String(behind), BOUQUET_PUBLIC_PORT: String(port) },
  },
);

const front = createServer();
const vite = await createVite({
  configFile: join(import.meta.dirname, "vite.config.ts"),
  server: { middlewareMode: { server: front }, hmr: { server: front }, allowedHosts: true },
});

const ofVite = /^\/(@|src\/|node_modules\/|\.vite\/|__)|\.(tsx?|css)(\?|$)/;

front.on("request", (request: IncomingMessage, response: ServerResponse) => {
  if (ofVite.test(request.url ?? "/")) vite.middlewares(request, response);
  else askProgram(request, response);
});

function askProgram(request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  const asked = ask({ host: "127.0.0.1", port: behind, method, path: url, headers }, (answer) => {
    const isPage = answer.statusCode !== undefined && /^text\/html/.test(answer.headers["content-type"] ?? "");
    if (isPage && (answer.statusCode === 200 || answer.statusCode === 503)) {
      answer.resume();
      sendPage(request, response).catch((error: Error) => response.writeHead(500).end(error.stack));
    } else {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    }
  });
  asked.on("error", () => {
    if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain; charset=utf-8", refresh: "1" });
    response.end("Le programme démarre…\n");
  });
  request.pipe(asked);
  response.on("close", () => asked.destroy());
}

async function sendPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? "/";
  const service = /^(portail|mail|drive)\./.exec(request.headers.host ?? "")?.[1];
  const entry = path.startsWith("/s/") ? "share" : service === "portail" || service === undefined ? "portal" : service;
  const html = readFileSync(join(import.meta.dirname, `${entry}.html`), "utf8");
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(await vite.transformIndexHtml(`/${entry}.html`, html, path));
}

front.on("upgrade", (request, socket, head) => {
  // Vite takes its own; what is for the program goes through as bytes.
  if (request.headers["sec-websocket-protocol"]?.startsWith("vite")) return;
  const through = connect(behind, "127.0.0.1", () => {
    const lines = [`${request.method} ${request.url} HTTP/1.1`];
    for (let i = 0; i < request.rawHeaders.length; i += 2)
      lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
    through.write(`${lines.join("\r\n")}\r\n\r\n`);
    through.write(head);
    socket.pipe(through).pipe(socket);
  });
  through.on("error", () => socket.destroy());
  socket.on("error", () => through.destroy());
});

front.listen(port);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    front.close();
    front.closeAllConnections();
    void vite.close();
    program.kill("SIGTERM");
  });
}
program.on("exit", (code) => process.exit(code ?? 0));
