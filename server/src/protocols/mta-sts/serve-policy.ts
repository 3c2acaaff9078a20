import type { MailDeps } from "../../domain/mail/model.ts";
import { readMtaStsPolicy } from "../../domain/mail/submission/own-mta-sts-policy.ts";
import type { HttpRoute } from "../../net/http-router.ts";

const prefix = "mta-sts.";

/**
 * `GET /.well-known/mta-sts.txt` on `mta-sts.` and each domain held here (RFC 8461 section 3.3). A proxy with a certificate of
 * these names stands in front.
 * @param mailHost where the MX records of our domains point
 */
export function serveMtaStsPolicy(mail: Pick<MailDeps, "store">, mailHost: string): HttpRoute {
  return {
    path: `//${prefix}*/.well-known/mta-sts.txt`,
    matches: ({ host, path }) => host.startsWith(prefix) && path === "/.well-known/mta-sts.txt",
    async handle(request, response) {
      const say = (status: number, text: string, headers: Record<string, string> = {}): void => {
        const bytes = Buffer.from(text);
        response.writeHead(status, {
          "content-type": "text/plain; charset=utf-8",
          "content-length": bytes.length,
          "x-content-type-options": "nosniff",
          ...headers,
        });
        response.end(request.method === "HEAD" ? undefined : bytes);
      };
      if (request.method !== "GET" && request.method !== "HEAD") return say(405, "", { allow: "GET, HEAD" });
      const host = (request.headers.host ?? "").toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
      try {
        const policy = await readMtaStsPolicy(mail.store.read, host.slice(prefix.length), mailHost);
        if (policy === undefined) return say(404, "There is no such domain here\n");
        say(200, policy, { "cache-control": "max-age=300" });
      } catch {
        say(503, "Try again later\n", { "retry-after": "60" });
      }
    },
  };
}
