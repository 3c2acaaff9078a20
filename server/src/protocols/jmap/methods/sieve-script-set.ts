import type { SieveScript } from "@bouquet/contract/jmap-filters.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import {
  activateScript,
  deleteScript,
  putScript,
  updateScriptById,
} from "../../../domain/mail/filters/change-scripts.ts";
import { listScripts, scriptState } from "../../../domain/mail/filters/read-scripts.ts";
import { type CallContext, type Method, resolveId } from "../method.ts";
import { bool, type JsonObject, nullable, readArguments, reference } from "../read-arguments.ts";
import { asScriptFailure, readScriptBlob } from "../script-content.ts";
import { invalidProperties, readSetRequest, requireState, SetReport, setShape } from "../standard-set.ts";

/** RFC 9661 section 2.2. */
export const sieveScriptSet: Method<"SieveScript/set"> = async (context, given) => {
  const { accountId, ifInState, onSuccessActivateScript, onSuccessDeactivateScript, ...objects } = readArguments(
    given,
    {
      ...setShape,
      onSuccessActivateScript: nullable(reference),
      onSuccessDeactivateScript: nullable(bool),
    },
  );
  const access = await context.accounts.open(accountId, "change");
  const { create, update, destroy } = readSetRequest(context, objects);
  const { mail } = context.deps;
  const oldState = await scriptState(mail.store.read, access);
  requireState(ifInState, oldState);
  const report = new SetReport<SieveScript>(context);
  report.refuseUpdatesOf(destroy, update);
  const translated = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw asScriptFailure(error);
    }
  };
  for (const [creationId, object] of create) {
    await report.create(creationId, () => translated(() => createOne(context, access, object)));
  }
  for (const [id, patch] of update)
    await report.update(id, () => translated(() => updateOne(context, access, id, patch)));
  for (const id of destroy) await report.destroy(id, () => translated(() => deleteScript(mail, access, { id })));
  const failures = report.notCreated.size + report.notUpdated.size + report.notDestroyed.size;
  // Activation is for a call of which everything succeeded.
  if (failures === 0 && onSuccessActivateScript !== undefined) {
    await activate(context, access, report, resolveId(context, onSuccessActivateScript));
  } else if (failures === 0 && onSuccessDeactivateScript === true) await activate(context, access, report, undefined);
  return report.response(accountId, oldState, await scriptState(mail.store.read, access));
};

async function createOne(context: CallContext, access: AccountAccess, object: JsonObject) {
  const { name, blobId, ...rest } = object;
  requireOnly(rest);
  if (typeof blobId !== "string") throw invalidProperties(["blobId"]);
  if (name !== undefined && name !== null && typeof name !== "string") throw invalidProperties(["name"]);
  const { mail } = context.deps;
  const content = await readScriptBlob(context, access, resolveId(context, blobId));
  const chosen = name ?? `Script ${(await listScripts(mail.store.read, access)).length + 1}`;
  const made = await putScript(mail, access, { name: chosen, content }, { mayReplace: false });
  return { ...made, isActive: false, ...(name === undefined || name === null ? { name: chosen } : {}) };
}

async function updateOne(context: CallContext, access: AccountAccess, id: string, patch: JsonObject) {
  const { name, blobId, ...rest } = patch;
  requireOnly(rest);
  if (blobId !== undefined && typeof blobId !== "string") throw invalidProperties(["blobId"]);
  if (name !== undefined && typeof name !== "string") throw invalidProperties(["name"]);
  const content = blobId === undefined ? undefined : await readScriptBlob(context, access, resolveId(context, blobId));
  const changed = await updateScriptById(context.deps.mail, access, id, {
    ...(name !== undefined && { name }),
    ...(content !== undefined && { content }),
  });
  return changed.blobId === undefined ? null : { blobId: changed.blobId };
}

function requireOnly(rest: JsonObject): void {
  const unknown = Object.keys(rest).filter((key) => key !== "isActive" || rest.isActive !== false);
  if (unknown.length > 0) throw invalidProperties(unknown);
}

/** Other scripts whose state moves with it are told of as updated (RFC 9661 section 2.2). */
async function activate(
  context: CallContext,
  access: AccountAccess,
  report: SetReport<SieveScript>,
  id: string | undefined,
): Promise<void> {
  const { mail } = context.deps;
  const before = (await listScripts(mail.store.read, access)).find((script) => script.isActive);
  try {
    await activateScript(mail, access, id === undefined ? undefined : { id });
  } catch {
    // A script that is not there activates nothing: the call itself has succeeded.
    return;
  }
  if (before && before.id !== id) report.updated.set(before.id, { ...report.updated.get(before.id), isActive: false });
  if (id === undefined || before?.id === id) return;
  const created = [...report.created].find(([, object]) => object.id === id);
  if (created) report.created.set(created[0], { ...created[1], isActive: true });
  else report.updated.set(id, { ...report.updated.get(id), isActive: true });
}
