import type { Email } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { type DomainError, toDomainError } from "../../../domain/errors.ts";
import { destroyMessages } from "../../../domain/mail/destroy-messages.ts";
import { readMessages } from "../../../domain/mail/read-messages.ts";
import { type MessageChange, setMessages } from "../../../domain/mail/set-messages.ts";
import { SetFailure } from "../jmap-errors.ts";
import type { CallContext } from "../method.ts";
import type { JsonObject } from "../read-arguments.ts";
import { invalidProperties, type SetReport } from "../standard-set.ts";
import { readEmailPatch, toMessageChange } from "./read-patch.ts";

/** Carries out the patches of an Email/set in one transaction. */
export async function updateEmails(
  context: CallContext,
  access: AccountAccess,
  update: ReadonlyMap<string, JsonObject>,
  report: SetReport<Email>,
): Promise<void> {
  if (update.size === 0) return;
  const { mail } = context.deps;
  const messages = await readMessages(mail.store.read, access, [...update.keys()]);
  const current = new Map(messages.map((message) => [message.id, message.mailboxes.map((copy) => copy.mailboxId)]));
  const changes: MessageChange[] = [];
  const refused = new Map<string, unknown>();
  for (const [id, patch] of update) {
    try {
      const mailboxIds = current.get(id);
      if (!mailboxIds) throw new SetFailure({ type: "notFound" });
      changes.push(toMessageChange(id, readEmailPatch(context, patch), mailboxIds));
    } catch (error) {
      refused.set(id, error);
    }
  }
  const results = await attempted(async () => setMessages(mail, access, changes));
  for (const id of update.keys()) {
    await report.update(id, async () => {
      const error = refused.get(id) ?? (results instanceof Map ? results.get(id) : results.error);
      if (error) throw missingMailbox(error) ?? error;
      return null;
    });
  }
}

/** A mailbox that does not exist is a wrong property of an email that does. */
function missingMailbox(error: unknown): SetFailure | undefined {
  const known = toDomainError(error);
  return known?.code === "not_found" && known.data?.mailboxId !== undefined
    ? invalidProperties(["mailboxIds"], known.message)
    : undefined;
}

export async function destroyEmails(
  context: CallContext,
  access: AccountAccess,
  ids: readonly string[],
  report: SetReport<Email>,
): Promise<void> {
  if (ids.length === 0) return;
  const result = await attempted(() => destroyMessages(context.deps.mail, access, ids));
  const destroyed = "error" in result ? undefined : new Set(result.destroyed);
  for (const id of ids) {
    await report.destroy(id, async () => {
      if ("error" in result) throw result.error;
      if (!destroyed?.has(id)) throw new SetFailure({ type: "notFound" });
    });
  }
}

/** What fails for all of them is told for each. */
async function attempted<T extends object>(work: () => Promise<T>): Promise<T | { error: DomainError }> {
  try {
    return await work();
  } catch (error) {
    const known = toDomainError(error);
    if (!known) throw error;
    return { error: known };
  }
}
