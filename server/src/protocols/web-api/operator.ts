import { readFileSync } from "node:fs";
import { Operator } from "@bouquet/contract/session.ts";
import type { ServiceApp, ServiceContext } from "../shared/service-app.ts";

/** Who runs this and how to reach support: from the configuration only, so it answers while the database is down. */
export function registerOperator(app: ServiceApp, { settings }: ServiceContext): void {
  const { operator, support, origins, language, loginExample } = settings;
  const logo = operator.logo === undefined ? undefined : readLogo(operator.logo);
  const answer: Operator = {
    name: operator.name ?? "Bouquet",
    logoUrl: logo ? "/operator/logo" : null,
    support: {
      phone: support.phone ?? null,
      hours: support.hours ?? null,
      email: support.email ?? null,
      url: support.url ?? null,
    },
    services: (["portal", "mail", "drive"] as const).map((name) => ({ name, url: origins[name] })),
    baseUrl: origins.portal,
    defaultLanguage: language,
    loginExample,
  };
  app.get("/api/operator", { config: { access: "public" }, schema: { response: { 200: Operator } } }, () => answer);
  app.get("/operator/logo", { config: { access: "public" } }, (_request, reply) => {
    if (!logo) return reply.callNotFound();
    // An SVG opened by itself is a page: without a policy of its own it could run scripts on our origin.
    return reply
      .headers({
        "cache-control": "public, max-age=3600",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      })
      .type(logo.contentType)
      .send(logo.bytes);
  });
}

function readLogo(path: string): { bytes: Buffer; contentType: string } {
  const bytes = readFileSync(path);
  const isPng = bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  return { bytes, contentType: isPng ? "image/png" : "image/svg+xml" };
}
