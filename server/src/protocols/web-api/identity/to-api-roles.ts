import type { Role as ApiRole } from "@bouquet/contract/session.ts";
import type { Role } from "../../../domain/identity/viewer.ts";

const names: Record<Role, ApiRole> = { member_administrator: "member_admin", operator: "operator_admin" };

export function toApiRoles(roles: Iterable<Role>): ApiRole[] {
  return [...roles].map((role) => names[role]).sort();
}
