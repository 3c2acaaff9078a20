/** The areas of the domain in their order: each may import those before it. */
export const domainOrder = [
  "identity",
  "access",
  "changes",
  "notifications",
  "quota",
  "contacts",
  "calendar",
  "drive",
  "sharing",
  "mail",
  "members",
  "billing",
  "support",
  "lifecycle",
  "recovery",
  "portal",
  "operation",
] as const;

/** What every area may import whatever the order: the errors and the events that one area writes and a later one reads. */
export const domainForAll = ["errors.ts", "events"] as const;

/** The one edge between protocols. */
export const protocolEdges: readonly (readonly [from: string, to: string])[] = [["nextcloud", "dav"]];

/** The table of ARCHITECTURE.md: the other layers of server/src that each layer may import. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  formats: [],
  telemetry: [],
  net: ["telemetry"],
  config: ["telemetry"],
  workers: ["formats", "telemetry"],
  store: ["formats", "telemetry", "workers"],
  domain: ["store", "formats", "telemetry", "workers"],
  outbound: ["formats", "net", "telemetry", "workers", "domain (types)"],
  protocols: ["domain", "formats", "net", "telemetry", "contract"],
  jobs: ["domain", "telemetry"],
  demo: ["domain", "formats", "telemetry", "contract", "open-domain.ts"],
  cli: ["domain", "formats", "net", "telemetry", "contract", "config", "open-domain.ts"],
  supervisor: ["store", "config", "net", "telemetry"],
  programs: ["app.ts", "app", "open-domain.ts", "cli", "demo", "supervisor", "domain", "config", "net", "telemetry"],
};

/** The composition roots, which see every layer: the whole program, and the part of it that commands need. */
export const compositionRoots = ["app.ts", "app", "open-domain.ts"] as const;

/** What is started by hand: reads the arguments and process.env, and hands the latter to config/. */
export const programs = ["server/src/main.ts", "server/src/dev.ts", "server/src/cli/main.ts"] as const;
