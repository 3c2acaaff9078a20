import { Profile, ProfileChange } from "@bouquet/contract/identity.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { type Profile as DomainProfile, readProfile, updateProfile } from "../../../domain/identity/profile.ts";
import { requireSession } from "../../shared/http-access.ts";
import type { ServiceApp } from "../../shared/service-app.ts";

/** `GET` and `PATCH /api/profile`. */
export function registerProfile(app: ServiceApp, { store }: IdentityDeps): void {
  const answer = ({ organizationName, ...profile }: DomainProfile): Profile => ({
    ...profile,
    organization: { name: organizationName },
  });
  app.get("/api/profile", { schema: { response: { 200: Profile } } }, async (request) =>
    answer(await readProfile(store.read, requireSession(request).viewer)),
  );
  app.patch("/api/profile", { schema: { body: ProfileChange, response: { 200: Profile } } }, async (request) =>
    answer(await updateProfile(store, requireSession(request).viewer, request.body)),
  );
}
