import type { AccountAccess } from "../../src/domain/access/account-access.ts";
import { openOwnAccount } from "../../src/domain/access/account-access.ts";
import { createAppPassword } from "../../src/domain/identity/app-passwords.ts";
import type { CreatedPrincipal } from "../../src/domain/identity/create-principal.ts";
import { loadViewer } from "../../src/domain/identity/load-viewer.ts";
import { setPassword } from "../../src/domain/identity/set-password.ts";
import type { Role, Viewer } from "../../src/domain/identity/viewer.ts";
import { createMember } from "../../src/domain/lifecycle/create-member.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import type { OpenedDomain } from "../../src/open-domain.ts";

export interface TownPerson extends CreatedPrincipal {
  readonly address: string;
  readonly password: string;
  readonly viewer: Viewer;
  readonly access: AccountAccess;
  /** An app password for imap, smtp and dav. */
  readonly appPassword: string;
}

export interface TownHall {
  readonly organizationId: string;
  readonly domain: string;
  addPerson(
    name: string,
    options?: { roles?: readonly Role[]; quotas?: { mail: number; files: number } },
  ): Promise<TownPerson>;
}

/** A member with its domain, made as real ones are. */
export async function createTownHall(domain: OpenedDomain, name: string, domainName: string): Promise<TownHall> {
  const { organizationId } = await createMember(domain.identity, { name, kind: "member", domains: [domainName] });
  return {
    organizationId,
    domain: domainName,
    async addPerson(displayName, options = {}) {
      const address = `${displayName.toLowerCase().replace(/[^a-z]+/g, ".")}@${domainName}`;
      const created = await createPrincipalWithServices(domain.store, organizationId, {
        kind: "person",
        displayName,
        address,
        roles: options.roles ?? [],
        quotas: options.quotas ?? { mail: 2e9, files: 5e9 },
      });
      const password = "violet-barrage-tuile-93-cloche";
      await setPassword(domain.identity, created, password);
      const viewer = await loadViewer(domain.store.read, created);
      const { secret } = await createAppPassword(domain.identity, created, {
        name: "test",
        scopes: ["imap", "smtp", "dav"],
      });
      const access = await openOwnAccount(domain.store.read, viewer);
      return { ...created, address, password, viewer, access, appPassword: secret };
    },
  };
}
