import { HeldMessages, ModerationDecision } from "@bouquet/contract/moderation.ts";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { DomainError } from "../../../domain/errors.ts";
import type { DeliveryDeps } from "../../../domain/mail/delivery/delivery-deps.ts";
import { decideHeld } from "../../../domain/mail/moderation/decide-held.ts";
import { listHeld, readModerationLink } from "../../../domain/mail/moderation/held-message.ts";
import { openHeld } from "../../../domain/mail/moderation/open-held.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp, ServicePlugin } from "../../shared/service-app.ts";
import { moderationPage, moderationResultPage } from "./moderation-page.ts";

const TokenParams = Type.Object({ token: Type.String({ maxLength: 100 }) });
const IdParams = Type.Object({ id: Type.String() });

/**
 * Deciding on messages to moderated groups: the JSON API of the screen, and the page behind the link in a moderator's mail. Programs
 * that look at links before people do must decide nothing: GET only shows.
 */
export function moderationApi(deps: DeliveryDeps): ServicePlugin {
  return async (app, { settings }) => {
    app.get("/api/mail/moderation", { schema: { response: { 200: HeldMessages } } }, async (request) => {
      const held = await listHeld(deps.store.read, requireViewer(request));
      return {
        messages: held.map((each) => ({
          id: each.id,
          group: { id: each.groupId, name: each.groupName, address: each.address },
          author: each.author,
          subject: each.subject,
          preview: each.preview,
          size: each.size,
          receivedAt: each.receivedAt.toISOString(),
          returnAt: each.returnAt.toISOString(),
          isAuthorTold: each.isSenderKnown,
        })),
      };
    });

    app.post(
      "/api/mail/moderation/:id",
      { schema: { params: IdParams, body: ModerationDecision } },
      async (request, reply) => {
        const by = { viewer: requireViewer(request), heldId: request.params.id };
        await decideHeld(deps, by, request.body);
        return reply.code(204).send();
      },
    );

    app.get("/api/mail/moderation/:id/message", { schema: { params: IdParams } }, async (request, reply) => {
      const by = { viewer: requireViewer(request), heldId: request.params.id };
      return sendMessage(reply, await openHeld(deps, by));
    });

    // A scope of its own: forms are understood here only, and the token must not travel on.
    await app.register(async (scope) => registerPage(scope as ServiceApp, deps, settings));
  };
}

function registerPage(app: ServiceApp, deps: DeliveryDeps, settings: Parameters<typeof moderationPage>[0]): void {
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: 16 * 1024 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.addHook("onSend", async (_request, reply) => {
    reply.headers({
      "cache-control": "no-store",
      // Not no-referrer: that would make the Origin of the form null.
      "referrer-policy": "same-origin",
      "x-robots-tag": "noindex, nofollow, noarchive",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    });
  });

  app.get(
    "/moderation/:token",
    { config: { access: "public" }, schema: { params: TokenParams } },
    async (request, reply) => {
      reply.type("text/html; charset=utf-8");
      try {
        const held = await readModerationLink(deps.store.read, deps.secrets, request.params.token);
        return moderationPage(settings, held, `/moderation/${request.params.token}/message`);
      } catch (error) {
        if (!isOver(error)) throw error;
        return reply.code(410).send(moderationResultPage(settings, "over"));
      }
    },
  );

  app.get(
    "/moderation/:token/message",
    { config: { access: "public" }, schema: { params: TokenParams } },
    async (request, reply) => sendMessage(reply, await openHeld(deps, request.params)),
  );

  app.post(
    "/moderation/:token",
    { config: { access: "own-origin" }, schema: { params: TokenParams, body: ModerationDecision } },
    async (request, reply) => {
      reply.type("text/html; charset=utf-8");
      try {
        await decideHeld(deps, { token: request.params.token }, request.body);
        return moderationResultPage(settings, request.body.verdict);
      } catch (error) {
        if (!isOver(error)) throw error;
        return reply.code(410).send(moderationResultPage(settings, "over"));
      }
    },
  );
}

/** As a file to keep: what a stranger sent must not be a page of ours. */
function sendMessage(reply: FastifyReply, source: Awaited<ReturnType<typeof openHeld>>): FastifyReply {
  return reply
    .headers({
      "content-type": "message/rfc822",
      "content-length": source.size,
      "content-disposition": 'attachment; filename="message.eml"',
    })
    .send(source.open());
}

function isOver(error: unknown): boolean {
  return error instanceof DomainError && (error.code === "expired" || error.code === "conflict");
}
