import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import { isInteractionOpen } from "../../domain/identity/oidc-records.ts";
import type { ServicePlugin } from "../shared/service-app.ts";
import { toHttpError } from "../shared/translate-http-error.ts";
import { issuerPath, mailProgramReason } from "./create-provider.ts";
import type { Issuer } from "./issuer.ts";
import { problemPage } from "./problem-page.ts";

/** An older sign-in is not enough. */
const freshReasons: ReadonlySet<string> = new Set(["login_prompt", "max_age", mailProgramReason]);

/** The provider's endpoints and the way back to them from our sign-in page. For the portal. */
export function issuerRoutes(issuer: Issuer, identity: IdentityDeps): ServicePlugin {
  return (app, { authenticator, settings, log }) => {
    // The provider reads the bodies of its requests itself.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", (_request, _payload, done) => done(null));

    app.setErrorHandler((error, request, reply) => {
      const known = toHttpError(error);
      if (!known) log.error({ error, path: request.routeOptions.url }, "a sign-in between services failed");
      return reply
        .code(known?.status ?? 500)
        .type("text/html; charset=utf-8")
        .send(problemPage(settings, { detail: known?.body.code ?? "internal" }));
    });

    app.route({
      method: ["GET", "POST", "OPTIONS"],
      url: `${issuerPath}/*`,
      config: { access: "public" },
      handler: async (request, reply) => {
        const session = await authenticator.findSession(request.raw);
        reply.hijack();
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value);
        await issuer.handle(request.raw, reply.raw, session);
      },
    });

    /** Where the provider sends people to sign in, and where the sign-in page sends them back when they have. */
    app.get<{ Params: { uid: string } }>(
      "/interaction/:uid",
      { config: { access: "public" } },
      async (request, reply) => {
        reply.header("cache-control", "no-store");
        const { uid } = request.params;
        if (!(await isInteractionOpen(identity.store, uid))) return reply.redirect("/", 303);
        const session = await authenticator.findSession(request.raw);
        const signInPage = `/sign-in?interaction=${encodeURIComponent(uid)}`;
        if (!session) return reply.redirect(signInPage, 303);

        const details = await issuer.provider.interactionDetails(request.raw, reply.raw).catch(() => undefined);
        // The interaction of another browser, whose cookie this one does not have.
        if (!details || details.uid !== uid) return reply.redirect("/", 303);
        const askedAgain = details.prompt.reasons.some((reason) => freshReasons.has(reason));
        const signedInAt = Math.floor(session.signedInAt.getTime() / 1000);
        if (askedAgain && signedInAt < details.iat) return reply.redirect(signInPage, 303);

        const login = { accountId: session.viewer.uid, ts: signedInAt, amr: ["pwd"], remember: true };
        const target = await issuer.provider.interactionResult(request.raw, reply.raw, { login });
        return reply.redirect(target, 303);
      },
    );
  };
}
