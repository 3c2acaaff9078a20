import { DomainError } from "../errors.ts";
import type { Viewer } from "./viewer.ts";

/** For what is of the viewer's own organization as a whole. @throws DomainError `forbidden` to who does not administer it */
export function requireAdministrator({ roles }: Pick<Viewer, "roles">): void {
  if (!roles.has("member_administrator")) {
    throw new DomainError("forbidden", "Only an administrator of the organization may do this");
  }
}
