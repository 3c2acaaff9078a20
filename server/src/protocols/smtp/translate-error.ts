import { type ErrorCode, toDomainError } from "../../domain/errors.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { SmtpGoodbye, SmtpRefusal } from "./reply.ts";

type Translation = readonly [code: number, enhanced: string, text: string];

/** Reply code, enhanced code (RFC 3463) and text for each way in which the domain says no. */
export const translations: Readonly<Record<ErrorCode, Translation>> = {
  invalid: [554, "5.5.0", "The command or the message breaks a rule"],
  unauthenticated: [530, "5.7.0", "Authentication required"],
  wrong_credentials: [535, "5.7.8", "The user name or the password is wrong"],
  throttled: [454, "4.7.0", "Too many wrong passwords, try again later"],
  forbidden: [550, "5.7.1", "You may not do this"],
  not_found: [550, "5.1.1", "There is no such mailbox"],
  already_exists: [550, "5.5.0", "This exists already"],
  conflict: [451, "4.3.0", "Something changed meanwhile, try again"],
  state_mismatch: [451, "4.3.0", "Something changed meanwhile, try again"],
  cannot_calculate_changes: [451, "4.3.0", "Try again later"],
  over_quota: [452, "4.2.2", "The mailbox is full"],
  too_large: [552, "5.3.4", "The message is too large"],
  weak_password: [535, "5.7.8", "The password must be changed on the portal"],
  expired: [535, "5.7.8", "This access is over"],
  unknown_recipient: [550, "5.1.1", "There is no such mailbox here"],
  sender_not_allowed: [550, "5.7.1", "You may not send with this sender address"],
  message_refused: [550, "5.7.1", "The message is refused"],
  storage_full: [452, "4.3.1", "There is no room left on the server, try again later"],
  unavailable: [451, "4.3.0", "The service is unavailable for a moment, try again later"],
};

/** What a handler of smtp-server answers when something was thrown: a bug is logged and answered by 451, so nothing is lost. */
export function translateError(thrown: unknown, log: Logger): SmtpRefusal | SmtpGoodbye {
  if (thrown instanceof SmtpRefusal || thrown instanceof SmtpGoodbye) return thrown;
  const error = toDomainError(thrown);
  if (!error) {
    log.error({ error: thrown }, "an SMTP command failed");
    return new SmtpRefusal(451, "4.3.0", "An error of ours, try again later", { cause: thrown });
  }
  if (error.code === "unavailable" || error.code === "storage_full") log.warn({ error }, "mail was put off");
  const [code, enhanced, text] = translations[error.code];
  const status = error.data?.status;
  if (typeof status === "string" && /^[45]\.\d{1,3}\.\d{1,3}$/.test(status)) {
    return new SmtpRefusal(status.startsWith("4") ? 451 : 550, status, oneLine(error.message), { cause: error });
  }
  return new SmtpRefusal(code, enhanced, text, { cause: error });
}

/** What a scanner or a list said may be in the text. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").slice(0, 400);
}
