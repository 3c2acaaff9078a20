import { checkScript } from "../../../domain/mail/filters/check-script.ts";
import type { Method } from "../method.ts";
import { id, readArguments } from "../read-arguments.ts";
import { asScriptFailure, readScriptBlob } from "../script-content.ts";
import { toSetErrorOrFail } from "../standard-set.ts";

/** RFC 9661 section 2.4. */
export const sieveScriptValidate: Method<"SieveScript/validate"> = async (context, given) => {
  const { accountId, blobId } = readArguments(given, { accountId: id, blobId: id });
  const access = await context.accounts.open(accountId);
  try {
    checkScript(await readScriptBlob(context, access, blobId));
    return { accountId, error: null };
  } catch (error) {
    return { accountId, error: toSetErrorOrFail(context, asScriptFailure(error)) };
  }
};
