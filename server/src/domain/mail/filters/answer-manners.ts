import { decodeAddresses } from "../../../formats/mime/decode-header.ts";
import type { MessageView, SieveHeader } from "../../../formats/sieve/message-view.ts";

/** Senders that are programs, by their local part (RFC 3834 section 2, RFC 5230 section 4.6). */
const programs =
  /^(?:mailer-daemon|mail-daemon|listserv|majordomo|postmaster|root|bounces?|no-?reply|do-?not-?reply|nepasrepondre|ne-pas-repondre|owner-.*|.*-owner|.*-request|.*-bounces?(?:[+-].*)?|bounces?[+-].*|srs[01][=+-].*|prvs=.*)$/i;

function has(view: MessageView, test: (field: SieveHeader, key: string) => boolean): boolean {
  return view.headers.some((field) => test(field, field.name.toLowerCase()));
}

/** A message that a program sent by itself: nothing answers it (RFC 3834 section 2, RFC 5436 section 2.7.1). */
export function isAutomatic(view: MessageView): boolean {
  return has(
    view,
    ({ value }, key) => key === "auto-submitted" && !/^no\b/i.test(value.replace(/\([^()]*\)/g, " ").trim()),
  );
}

/** A message of a list or to many. */
function isBulk(view: MessageView): boolean {
  return has(view, ({ value }, key) => {
    if (key.startsWith("list-") || key === "mailing-list" || key === "x-loop" || key === "feedback-id") return true;
    if (key === "precedence") return /^(?:bulk|list|junk)$/i.test(value.trim());
    if (key === "x-auto-response-suppress") return /\b(?:all|oof|autoreply)\b/i.test(value);
    return (
      key === "x-autoreply" || key === "x-autorespond" || (key === "content-type" && /^multipart\/report/i.test(value))
    );
  });
}

/** `local@domain` without what follows a plus, in lower case. */
function base(address: string): string {
  const at = address.lastIndexOf("@");
  const plus = address.indexOf("+");
  return (plus > 0 && plus < at ? address.slice(0, plus) + address.slice(at) : address).toLowerCase();
}

/**
 * Whether a person who is away may answer a message (RFC 3834, RFC 5230 section 4.5 and 4.6): it must come from a person, who is
 * someone else, and name the owner in its header.
 * @param own addresses of the owner, and those that the script adds
 */
export function mayAnswer(view: MessageView, sender: string, own: readonly string[]): boolean {
  if (sender === "" || !sender.includes("@")) return false;
  if (programs.test(sender.slice(0, sender.lastIndexOf("@")))) return false;
  if (isAutomatic(view) || isBulk(view)) return false;
  const mine = new Set(own.map(base));
  if (mine.has(base(sender))) return false;
  const recipients = view.headers.filter((field) => /^(?:resent-)?(?:to|cc|bcc)$/i.test(field.name));
  return recipients.some(({ value }) => decodeAddresses(value).some(({ email }) => mine.has(base(email))));
}
