import type { Identity } from "@bouquet/contract/jmap-mail.ts";
import { SetFailure } from "../jmap-errors.ts";
import type { Method } from "../method.ts";
import { opaqueState } from "../opaque-state.ts";
import { readArguments } from "../read-arguments.ts";
import { readSetRequest, requireState, SetReport, setShape } from "../standard-set.ts";
import { readIdentities } from "./identity-get.ts";

/** RFC 8621 section 6.3. Identities are the addresses and names of the directory: none of them is made or changed here. */
export const identitySet: Method<"Identity/set"> = async (context, given) => {
  const { accountId, ifInState, ...objects } = readArguments(given, setShape);
  const access = await context.accounts.open(accountId);
  const { create, update, destroy } = readSetRequest(context, objects);
  const identities = await readIdentities(context, access);
  const state = opaqueState(identities);
  requireState(ifInState, state);
  const report = new SetReport<Identity>(context);
  const refuse = (known: boolean): never => {
    throw new SetFailure(
      known ? { type: "forbidden", description: "Identities come from the directory" } : { type: "notFound" },
    );
  };
  const isKnown = (identityId: string) => identities.some((each) => each.id === identityId);
  for (const creationId of create.keys()) await report.create(creationId, async () => refuse(true));
  for (const identityId of update.keys()) await report.update(identityId, async () => refuse(isKnown(identityId)));
  for (const identityId of destroy) await report.destroy(identityId, async () => refuse(isKnown(identityId)));
  return report.response(accountId, state, state);
};
