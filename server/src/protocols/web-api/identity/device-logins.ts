import { DeviceAddress, DeviceLogin, DeviceRequest } from "@bouquet/contract/identity.ts";
import { Type } from "typebox";
import { createAppPassword } from "../../../domain/identity/app-passwords.ts";
import {
  grantDeviceLogin,
  readDeviceLogin,
  refuseDeviceLogin,
} from "../../../domain/identity/device-login/grant-device-login.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { requireSession } from "../../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";

/** What the page asks on which somebody lets a device in: see protocols/nextcloud/login-flow.ts for the device's side. */
export function registerDeviceLogins(app: ServiceApp, { settings }: ServiceContext, identity: IdentityDeps): void {
  const Token = Type.Object({ token: Type.String({ maxLength: 256 }) });

  app.get(
    "/api/device-logins/:token",
    { schema: { params: Token, response: { 200: DeviceLogin } } },
    async (request) => {
      const { deviceName, expiresAt } = await readDeviceLogin(identity, request.params.token);
      return { deviceName, expiresAt: expiresAt.toISOString() };
    },
  );

  app.post("/api/device-logins/:token", { schema: { params: Token } }, async (request, reply) => {
    await grantDeviceLogin(identity, requireSession(request).viewer, request.params.token);
    return reply.code(204).send();
  });

  app.delete("/api/device-logins/:token", { schema: { params: Token } }, async (request, reply) => {
    await refuseDeviceLogin(identity, request.params.token);
    return reply.code(204).send();
  });

  app.post(
    "/api/devices",
    { schema: { body: DeviceRequest, response: { 201: DeviceAddress } } },
    async (request, reply) => {
      const { viewer } = requireSession(request);
      const { secret } = await createAppPassword(identity, viewer, { name: request.body.name, scopes: ["dav"] });
      // Always our own server: an address that came with the page could be anybody's.
      const parts = [
        `server:${settings.origins.drive}`,
        `user:${encodeURIComponent(viewer.uid)}`,
        `password:${secret}`,
      ];
      return reply.code(201).send({ address: `nc://login/${parts.join("&")}` });
    },
  );
}
