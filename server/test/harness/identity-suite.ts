import { addDomain, createOrganization } from "../../src/domain/identity/create-organization.ts";
import {
  type CreatedPrincipal,
  createPrincipal,
  type NewPrincipal,
} from "../../src/domain/identity/create-principal.ts";
import type { IdentityDeps } from "../../src/domain/identity/identity-deps.ts";
import { loadServerSecrets } from "../../src/domain/identity/server-secrets.ts";
import { setPassword } from "../../src/domain/identity/set-password.ts";
import type { ServiceSettings } from "../../src/protocols/shared/service-settings.ts";
import type { Store } from "../../src/store/database.ts";

export interface TestOrganization {
  organizationId: string;
  domain: string;
}

export interface TestPerson extends CreatedPrincipal {
  address: string;
  password: string;
}

let counter = 0;

export async function makeOrganization(store: Store, name = "Bourg-Fleuri"): Promise<TestOrganization> {
  const domain = `bourg${++counter}.example`;
  return store.transact(async (tx) => {
    const organizationId = await createOrganization(tx, { name, kind: "member" });
    await addDomain(tx, organizationId, domain);
    return { organizationId, domain };
  });
}

/** A person with a password that is good enough. */
export async function makePerson(
  store: Store,
  organization: TestOrganization,
  input: Partial<NewPrincipal> = {},
): Promise<TestPerson> {
  const address = `personne${++counter}@${organization.domain}`;
  const created = await store.transact((tx) =>
    createPrincipal(tx, organization.organizationId, {
      kind: "person",
      displayName: "Nadia Kessler",
      address,
      quotas: { mail: 2e9, files: 5e9 },
      ...input,
    }),
  );
  const password = "tuile-quai-9-zinc-vapeur";
  await setPassword({ store }, created, password);
  return { ...created, address, password };
}

export async function makeIdentity(store: Store): Promise<IdentityDeps> {
  return { store, secrets: await loadServerSecrets(store) };
}

/** Addresses as on a computer where one tries the program. */
export function testSettings(changes: Partial<ServiceSettings> = {}): ServiceSettings {
  return {
    origins: {
      portal: "http://portail.localhost:8080",
      mail: "http://mail.localhost:8080",
      drive: "http://drive.localhost:8080",
    },
    operator: { name: "Syndicat du Bocage", logo: undefined },
    support: { phone: "02 61 91 12 34", hours: undefined, email: "aide@example.org", url: undefined },
    language: "fr",
    loginExample: "prenom.nom@bourg-fleuri.example",
    webDirectory: "/nonexistent",
    clientAddress: (request) => request.socket.remoteAddress ?? "",
    ...changes,
  };
}
