import type { Email } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { mailState } from "../../../domain/mail/mail-state.ts";
import type { Message } from "../../../domain/mail/model.ts";
import { openMessageBytes } from "../../../domain/mail/open-message.ts";
import { readMessageDetails, readMessageHeaders } from "../../../domain/mail/read-message-details.ts";
import { readMessages } from "../../../domain/mail/read-messages.ts";
import { readHeaders } from "../../../formats/mime/headers.ts";
import { readBlock } from "../email/body-parts.ts";
import { type EmailWish, emailShape, needsHeader, needsTree, readEmailWish } from "../email/email-properties.ts";
import { MessageBytes } from "../email/message-bytes.ts";
import { renderEmail } from "../email/render-email.ts";
import { MethodFailure } from "../jmap-errors.ts";
import type { CallContext, Method } from "../method.ts";
import { readArguments } from "../read-arguments.ts";
import { getShape, readIds } from "../standard-get.ts";

/** RFC 8621 section 4.2. */
export const emailGet: Method<"Email/get"> = async (context, given) => {
  const { accountId, ids, ...rest } = readArguments(given, { ...getShape, ...emailShape });
  const access = await context.accounts.open(accountId);
  const wish = readEmailWish(rest, "get");
  const wanted = readIds(context, ids);
  if (!wanted) throw new MethodFailure("requestTooLarge", "Name the emails");
  const reader = context.deps.mail.store.read;
  const state = (await mailState(reader, access)).Email;
  const messages = await readMessages(reader, access, wanted);
  const found = new Set(messages.map((message) => message.id));
  return {
    accountId,
    state,
    list: await renderAll(context, access, messages, wish),
    notFound: wanted.filter((each) => !found.has(each)),
  };
};

/** Emails one after the other: the text of several hundred would fill the memory at once. */
async function renderAll(
  context: CallContext,
  access: AccountAccess,
  messages: readonly Message[],
  wish: EmailWish,
): Promise<(Partial<Email> & { id: string })[]> {
  const { mail, limits } = context.deps;
  const ids = messages.map((message) => message.id);
  const hasTree = needsTree(wish);
  const hasHeader = needsHeader(wish);
  const details =
    hasTree || hasHeader ? await readMessageDetails(mail.store.read, access, ids, { with: ["mime"] }) : undefined;
  const headers = hasHeader ? await readMessageHeaders(mail, access, ids) : undefined;
  const budget = { octets: limits.maxBodyValuesBytes };
  const list: (Partial<Email> & { id: string })[] = [];
  for (const message of messages) {
    const tree = details?.get(message.id)?.mime;
    const bytes = new MessageBytes(() => openMessageBytes(mail, access, { blobId: message.blobId }));
    const block = headers?.get(message.id);
    const header =
      hasHeader && tree
        ? block
          ? { bytes: block, fields: readHeaders(block, 0, block.length) }
          : await readBlock(bytes, tree)
        : undefined;
    const parts = { content: message, stored: message, tree: hasTree ? tree : undefined, header, bytes };
    list.push((await renderEmail(parts, wish, limits, budget)) as Partial<Email> & { id: string });
  }
  return list;
}
