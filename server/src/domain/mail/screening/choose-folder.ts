import type { IncomingMessage } from "../delivery/incoming-message.ts";
import type { RecipientAccount } from "../delivery/resolve-recipient.ts";
import type { MailDeps } from "../model.ts";

/** `quarantine` and `refuse` are for messages that screening could not refuse for all recipients. */
export type ChosenFolder = "inbox" | "junk" | "quarantine" | "refuse";

/** Where a message goes for one account, before the account's filters. */
export async function chooseFolder(
  _deps: MailDeps,
  _account: RecipientAccount,
  _message: IncomingMessage,
): Promise<ChosenFolder> {
  return "inbox";
}
