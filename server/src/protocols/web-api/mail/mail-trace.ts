import { TraceList, TraceRequest } from "@bouquet/contract/mail-trace.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { searchTrace, traceScopeOf } from "../../../domain/mail/trace/search-trace.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp } from "../../shared/service-app.ts";

/** `GET /api/mail-trace`: what happened to messages of the last 90 days. */
export function registerMailTrace(app: ServiceApp, { store }: Pick<IdentityDeps, "store">): void {
  app.get(
    "/api/mail-trace",
    { schema: { querystring: TraceRequest, response: { 200: TraceList } } },
    async (request): Promise<TraceList> => {
      const { from, to, ...query } = request.query;
      const scope = await traceScopeOf(store.read, requireViewer(request));
      const found = await searchTrace(store.read, scope, {
        ...query,
        ...(from !== undefined && { from: new Date(from) }),
        ...(to !== undefined && { to: new Date(to) }),
      });
      return {
        items: found.rows.map(({ organizationId: _, at, ...row }) => ({ ...row, at: at.toISOString() })),
        next: found.next ?? null,
      };
    },
  );
}
