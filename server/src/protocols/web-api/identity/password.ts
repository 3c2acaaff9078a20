import {
  PasswordChange,
  PasswordCheckRequest,
  PasswordCheckResponse,
  PasswordPolicy,
  PasswordResetInfo,
  PasswordResetRequest,
} from "@bouquet/contract/identity.ts";
import { Type } from "typebox";
import { DomainError } from "../../../domain/errors.ts";
import { passwordPolicy } from "../../../domain/identity/assess-password.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { readResetLink, resetPassword } from "../../../domain/identity/reset-password.ts";
import { changePassword, checkPassword } from "../../../domain/identity/set-password.ts";
import { requireSession } from "../../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";

const Token = Type.Object({ token: Type.String({ maxLength: 256 }) });

/** Choosing a password: signed in, or with a one-time link. */
export function registerPassword(app: ServiceApp, { settings }: ServiceContext, identity: IdentityDeps): void {
  const bodyLimit = 16_384;

  app.get(
    "/api/password-policy",
    { config: { access: "public" }, schema: { response: { 200: PasswordPolicy } } },
    () => {
      const { minLength, maxLength, minBits } = passwordPolicy;
      return { minLength, maxLength, minBits };
    },
  );

  app.post("/api/password", { bodyLimit, schema: { body: PasswordChange } }, async (request, reply) => {
    const session = requireSession(request);
    const { current, next } = request.body;
    const remoteAddress = settings.clientAddress(request.raw);
    const change = { current, next, keptFamilyId: session.familyId, remoteAddress };
    try {
      await changePassword(identity, session.viewer, change);
    } catch (error) {
      // The person is signed in: how many tries are left is not what they need to know.
      if (error instanceof DomainError && error.code === "wrong_credentials") {
        throw new DomainError("wrong_credentials", "The current password is not right");
      }
      throw error;
    }
    return reply.code(204).send();
  });

  app.post(
    "/api/password-check",
    {
      config: { access: "own-origin" },
      bodyLimit,
      schema: { body: PasswordCheckRequest, response: { 200: PasswordCheckResponse } },
    },
    async (request) => {
      const { password, resetToken } = request.body;
      const person =
        resetToken === undefined
          ? (await request.authenticator.authenticate(request.raw)).viewer
          : await readResetLink(identity, resetToken).catch((error: unknown) => {
              if (error instanceof DomainError && error.code === "expired") {
                throw new DomainError("unauthenticated", "Sign in first");
              }
              throw error;
            });
      return checkPassword(identity.store.read, person, password);
    },
  );

  app.get(
    "/api/password-reset/:token",
    { config: { access: "public" }, schema: { params: Token, response: { 200: PasswordResetInfo } } },
    async (request) => {
      const { displayName, login, expiresAt } = await readResetLink(identity, request.params.token);
      return { displayName, login, expiresAt: expiresAt.toISOString() };
    },
  );

  app.post(
    "/api/password-reset/:token",
    { config: { access: "own-origin" }, bodyLimit, schema: { params: Token, body: PasswordResetRequest } },
    async (request, reply) => {
      await resetPassword(identity, request.params.token, request.body.password);
      return reply.code(204).send();
    },
  );
}
