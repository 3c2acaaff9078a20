import type { Store } from "../../store/database.ts";
import { createDriveRoot } from "../drive/create-drive-root.ts";
import { type CreatedPrincipal, createPrincipal, type NewPrincipal } from "../identity/create-principal.ts";
import { createDefaultMailboxes } from "../mail/create-default-mailboxes.ts";

/**
 * Adds a principal with what its kind has: mailboxes for whoever has an address, a drive for people, shared mailboxes and team
 * folders. All or nothing.
 * @throws DomainError `already_exists` for an address in use, `invalid`
 */
export function createPrincipalWithServices(
  store: Store,
  organizationId: string,
  input: NewPrincipal,
): Promise<CreatedPrincipal> {
  return store.transact(async (tx) => {
    const created = await createPrincipal(tx, organizationId, input);
    if (input.address && input.kind !== "group") await createDefaultMailboxes(tx, created);
    if (input.kind === "person" || input.kind === "team_folder") await createDriveRoot(tx, created);
    return created;
  });
}
