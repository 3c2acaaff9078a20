import {
  NewSenderRule,
  Quarantine,
  QuarantineQuery,
  ScreeningPolicy,
  ScreeningPolicyChange,
  ScreeningScope,
  SenderRule,
  SenderRules,
} from "@bouquet/contract/mail-screening.ts";
import { Type } from "typebox";
import { openAccount } from "../../../domain/access/account-access.ts";
import type { Viewer } from "../../../domain/identity/viewer.ts";
import type { DeliveryDeps } from "../../../domain/mail/delivery/delivery-deps.ts";
import { deleteQuarantined, listQuarantine } from "../../../domain/mail/screening/quarantine.ts";
import { releaseQuarantined } from "../../../domain/mail/screening/release-quarantined.ts";
import { screeningOfAccount, screeningOfOrganization } from "../../../domain/mail/screening/screening-access.ts";
import { readPolicy, setPolicy } from "../../../domain/mail/screening/screening-policy.ts";
import {
  addSenderRule,
  listSenderRules,
  type SenderRule as Rule,
  removeSenderRule,
} from "../../../domain/mail/screening/sender-rules.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServicePlugin } from "../../shared/service-app.ts";

const pageSize = 50;
const IdParams = Type.Object({ id: Type.String() });

/** The quarantine, the allow and block lists, and what an organization wants done with what it receives. */
export function screeningApi(deps: DeliveryDeps, quarantineDays: number): ServicePlugin {
  const { store } = deps;

  const scopeOf = async (viewer: Viewer, { accountId }: ScreeningScope) =>
    accountId === undefined
      ? screeningOfOrganization(viewer)
      : screeningOfAccount(await openAccount(store.read, viewer, accountId));

  return async (app) => {
    app.get(
      "/api/mail/quarantine",
      { schema: { querystring: QuarantineQuery, response: { 200: Quarantine } } },
      async (request) => {
        const { before } = request.query;
        const scope = await scopeOf(requireViewer(request), request.query);
        const found = await listQuarantine(store.read, scope, {
          limit: pageSize + 1,
          ...(before !== undefined && { before }),
        });
        const page = found.slice(0, pageSize);
        const last = page.at(-1);
        return {
          days: quarantineDays,
          messages: page.map(({ messageId: _, receivedAt, ...each }) => ({
            ...each,
            accounts: [...each.accounts],
            receivedAt: receivedAt.toISOString(),
            mayRelease: each.reason !== "virus" || scope.mayReleaseViruses,
          })),
          ...(found.length > pageSize && last && { next: last.id }),
        };
      },
    );

    app.post(
      "/api/mail/quarantine/:id/release",
      { schema: { params: IdParams, querystring: ScreeningScope } },
      async (request, reply) => {
        await releaseQuarantined(deps, await scopeOf(requireViewer(request), request.query), request.params.id);
        return reply.code(204).send();
      },
    );

    app.delete(
      "/api/mail/quarantine/:id",
      { schema: { params: IdParams, querystring: ScreeningScope } },
      async (request, reply) => {
        await deleteQuarantined(deps, await scopeOf(requireViewer(request), request.query), request.params.id);
        return reply.code(204).send();
      },
    );

    app.get(
      "/api/mail/sender-rules",
      { schema: { querystring: ScreeningScope, response: { 200: SenderRules } } },
      async (request) => ({
        rules: (await listSenderRules(store.read, await scopeOf(requireViewer(request), request.query))).map(toApi),
      }),
    );

    app.post(
      "/api/mail/sender-rules",
      { schema: { querystring: ScreeningScope, body: NewSenderRule, response: { 201: SenderRule } } },
      async (request, reply) => {
        const viewer = requireViewer(request);
        const rule = { ...request.body, createdBy: viewer.principalId };
        return reply.code(201).send(toApi(await addSenderRule(store, await scopeOf(viewer, request.query), rule)));
      },
    );

    app.delete(
      "/api/mail/sender-rules/:id",
      { schema: { params: IdParams, querystring: ScreeningScope } },
      async (request, reply) => {
        await removeSenderRule(store, await scopeOf(requireViewer(request), request.query), request.params.id);
        return reply.code(204).send();
      },
    );

    app.get("/api/mail/screening-policy", { schema: { response: { 200: ScreeningPolicy } } }, async (request) => {
      const { organizationId } = screeningOfOrganization(requireViewer(request));
      return toApiPolicy(await readPolicy(store.read, organizationId));
    });

    app.patch(
      "/api/mail/screening-policy",
      { schema: { body: ScreeningPolicyChange, response: { 200: ScreeningPolicy } } },
      async (request) => {
        const { organizationId } = screeningOfOrganization(requireViewer(request));
        return toApiPolicy(await setPolicy(store, organizationId, request.body));
      },
    );
  };
}

function toApi({ id, kind, pattern, createdAt }: Rule): SenderRule {
  return { id, kind, pattern, createdAt: createdAt.toISOString() };
}

function toApiPolicy(policy: Awaited<ReturnType<typeof readPolicy>>): ScreeningPolicy {
  return { ...policy, trustedSealers: [...policy.trustedSealers] };
}
