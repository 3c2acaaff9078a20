import type { Quota } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { readMailQuota } from "../../../domain/mail/read-mail-quota.ts";
import type { CallContext, Method } from "../method.ts";
import { opaqueState } from "../opaque-state.ts";
import { readArguments } from "../read-arguments.ts";
import { getResponse, getShape, readIds, readProperties } from "../standard-get.ts";

const properties = [
  "id",
  "resourceType",
  "used",
  "hardLimit",
  "warnLimit",
  "softLimit",
  "scope",
  "name",
  "description",
  "types",
] as const satisfies readonly (keyof Quota)[];

/** RFC 9425 section 4.2. */
export const quotaGet: Method<"Quota/get"> = async (context, given) => {
  const { accountId, ids, properties: names } = readArguments(given, getShape);
  const access = await context.accounts.open(accountId);
  const wanted = readProperties(properties, names);
  const quotas = await readQuotas(context, access);
  return getResponse(accountId, opaqueState(quotas), quotas, readIds(context, ids), wanted);
};

/** None when nothing limits the account. */
export async function readQuotas(context: CallContext, access: AccountAccess): Promise<Quota[]> {
  const { usedBytes, limitBytes } = await readMailQuota(context.deps.mail.store.read, access);
  if (limitBytes === null) return [];
  return [
    {
      id: "mail",
      resourceType: "octets",
      used: usedBytes,
      hardLimit: limitBytes,
      warnLimit: Math.floor(limitBytes * 0.9),
      softLimit: null,
      scope: "account",
      name: access.ownerAddress ?? access.ownerName,
      description: null,
      types: ["Mail"],
    },
  ];
}
