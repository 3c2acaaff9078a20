import type { Id } from "@bouquet/contract/jmap.ts";
import type { EmailSubmission, NewEmail } from "@bouquet/contract/jmap-mail.ts";
import type { AccountCache } from "../jmap/account-cache.ts";
import type { Jmap } from "../jmap/accounts.ts";
import { Batch, call, downloadUrl, JmapError, requireAllSet, uploadBlob } from "../jmap/client.ts";
import { syncAccount } from "../jmap/sync.ts";
import type { Draft, DraftAttachment } from "./draft.ts";
import { htmlToText } from "./html-text.ts";

/** Seconds in which a message that was sent can be taken back. */
export const undoSeconds = 8;

function mailboxWithRole(cache: AccountCache, role: "drafts" | "sent"): Id {
  const mailbox = cache.mailboxes().find((each) => each.role === role);
  if (!mailbox) throw new JmapError({ type: "notFound" });
  return mailbox.id;
}

/**
 * The Email to create for a draft (RFC 8621 section 4.6). Attachments that are still on their way are left out.
 * @param sendAt what its date is to say; the present when left out
 */
export function newEmail(draft: Draft, draftsId: Id, sendAt?: Date): NewEmail {
  const quote = draft.quote === "" ? "" : `<div class="bouquet-quote">${draft.quote}</div>`;
  const text = draft.html.replace(/(?:<p>(?:<br[^>]*>)?<\/p>)+$/, "");
  const html = `<!doctype html><html><head><meta charset="utf-8"></head><body>${text}${quote}</body></html>`;
  const attachments = draft.attachments.flatMap(({ blob, name, type, cid }) =>
    blob ? [{ blobId: blob.blobId, name, type, disposition: cid ? "inline" : "attachment", ...(cid && { cid }) }] : [],
  );
  return {
    mailboxIds: { [draftsId]: true },
    keywords: { $draft: true, $seen: true },
    from: [draft.from],
    ...(draft.to.length > 0 && { to: [...draft.to] }),
    ...(draft.cc.length > 0 && { cc: [...draft.cc] }),
    ...(draft.bcc.length > 0 && { bcc: [...draft.bcc] }),
    subject: draft.subject,
    ...(sendAt && { sentAt: toSeconds(sendAt) }),
    ...(draft.inReplyTo && { inReplyTo: draft.inReplyTo }),
    ...(draft.references && { references: draft.references }),
    textBody: [{ partId: "text", type: "text/plain" }],
    htmlBody: [{ partId: "html", type: "text/html" }],
    bodyValues: { text: { value: htmlToText(html) }, html: { value: html } },
    ...(attachments.length > 0 && { attachments }),
  };
}

/** A date-time of RFC 3339, and of RFC 4865: whole seconds, in UTC. */
function toSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Brings attachments that lie in another account's store into the one that the draft is in. */
export async function gatherBlobs(jmap: Jmap, draft: Draft): Promise<Draft> {
  const attachments: DraftAttachment[] = [];
  for (const attachment of draft.attachments) {
    const { blob, type, name } = attachment;
    if (!blob || blob.accountId === draft.accountId) {
      attachments.push(attachment);
      continue;
    }
    const part = { blobId: blob.blobId, type, name };
    const bytes = attachment.file ?? (await (await fetch(downloadUrl(jmap.session, blob.accountId, part))).blob());
    const { blobId } = await uploadBlob(jmap.session, draft.accountId, bytes);
    attachments.push({ ...attachment, blob: { accountId: draft.accountId, blobId } });
  }
  return { ...draft, attachments };
}

/**
 * Keeps a draft on the server in place of the one before.
 * @returns where it is now
 * @throws JmapError, ApiError, OfflineError
 */
export async function saveDraft(cache: AccountCache, draft: Draft): Promise<NonNullable<Draft["saved"]>> {
  const { accountId } = draft;
  const replaced = draft.saved?.accountId === accountId ? draft.saved.emailId : null;
  const done = await call("Email/set", {
    accountId,
    create: { draft: newEmail(draft, mailboxWithRole(cache, "drafts")) },
    destroy: replaced ? [replaced] : null,
  });
  const refused = done.notCreated?.draft;
  if (refused) throw new JmapError(refused);
  const emailId = done.created?.draft?.id;
  if (!emailId) throw new JmapError({ type: "serverFail" });
  if (draft.saved && draft.saved.accountId !== accountId) {
    await call("Email/set", { accountId: draft.saved.accountId, destroy: [draft.saved.emailId] }).catch(
      () => undefined,
    );
  }
  return { accountId, emailId };
}

export interface Sent {
  readonly accountId: Id;
  readonly emailId: Id;
  readonly submission: Pick<EmailSubmission, "id">;
  /** Whether it waits, so that it can be taken back. */
  readonly isHeld: boolean;
}

/** The draft was kept, but not sent. */
export class SendError extends Error {
  readonly saved: NonNullable<Draft["saved"]>;
  override readonly cause: unknown;

  constructor(saved: NonNullable<Draft["saved"]>, cause: unknown) {
    super("not sent");
    this.saved = saved;
    this.cause = cause;
  }
}

/**
 * Saves and sends in one request; the message goes from the drafts to the sent mail.
 * @param maxDelay seconds that the server can hold a message
 * @param sendAt when it is to leave; at once, after the seconds for undoing, when left out
 * @throws SendError when it was saved only; JmapError, ApiError, OfflineError
 */
export async function sendDraft(cache: AccountCache, draft: Draft, maxDelay: number, sendAt?: Date): Promise<Sent> {
  const { accountId } = draft;
  const drafts = mailboxWithRole(cache, "drafts");
  const sent = mailboxWithRole(cache, "sent");
  const isHeld = sendAt !== undefined || maxDelay >= undoSeconds + 2;
  // A little longer than the toast, which may be pressed at its last moment.
  const hold: Record<string, string> = sendAt ? { HOLDUNTIL: toSeconds(sendAt) } : { HOLDFOR: String(undoSeconds + 2) };
  const recipients = new Map([...draft.to, ...draft.cc, ...draft.bcc].map(({ email }) => [email.toLowerCase(), email]));
  const batch = new Batch();
  const saving = batch.add("Email/set", { accountId, create: { draft: newEmail(draft, drafts, sendAt) } });
  const sending = batch.add("EmailSubmission/set", {
    accountId,
    create: {
      sending: {
        identityId: draft.identityId,
        emailId: "#draft",
        envelope: {
          mailFrom: { email: draft.from.email, parameters: isHeld ? hold : null },
          rcptTo: [...recipients.values()].map((email) => ({ email, parameters: null })),
        },
      },
    },
    onSuccessUpdateEmail: {
      "#sending": {
        [`mailboxIds/${drafts}`]: null,
        [`mailboxIds/${sent}`]: true,
        "keywords/$draft": null,
        "keywords/$seen": true,
      },
    },
  });
  const answers = await batch.send();
  const refused = answers.of(saving).notCreated?.draft;
  if (refused) throw new JmapError(refused);
  const emailId = answers.of(saving).created?.draft?.id;
  if (!emailId) throw new JmapError({ type: "serverFail" });
  if (draft.saved) {
    await call("Email/set", { accountId: draft.saved.accountId, destroy: [draft.saved.emailId] }).catch(
      () => undefined,
    );
  }
  try {
    const submission = requireAllSet(answers.of(sending)).created?.sending;
    if (!submission) throw new JmapError({ type: "serverFail" });
    return { accountId, emailId, submission, isHeld: isHeld && submission.undoStatus !== "final" };
  } catch (error) {
    throw new SendError({ accountId, emailId }, error);
  }
}

/** Takes a message back that has not left, and puts it with the drafts again. @throws JmapError `cannotUnsend` when it is too late */
export async function takeBack(cache: AccountCache, { accountId, emailId, submission }: Sent): Promise<void> {
  requireAllSet(
    await call("EmailSubmission/set", { accountId, update: { [submission.id]: { undoStatus: "canceled" } } }),
  );
  const update = {
    [emailId]: {
      [`mailboxIds/${mailboxWithRole(cache, "sent")}`]: null,
      [`mailboxIds/${mailboxWithRole(cache, "drafts")}`]: true,
      "keywords/$draft": true,
    },
  };
  requireAllSet(await call("Email/set", { accountId, update }));
  await syncAccount(cache);
}
