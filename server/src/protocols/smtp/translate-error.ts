import { type DomainError, type ErrorCode, toDomainError } from "../../domain/errors.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { SmtpRefusal } from "./reply.ts";

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
  paused: [451, "4.3.0", "This program was paused, try again later"],
  too_large: [552, "5.3.4", "The message is too large"],
  weak_password: [535, "5.7.8", "The password must be changed on the portal"],
  expired: [535, "5.7.8", "This access is over"],
  unknown_recipient: [550, "5.1.1", "There is no such mailbox here"],
  sender_not_allowed: [550, "5.7.1", "You may not send with this sender address"],
  message_refused: [550, "5.7.1", "The message is refused"],
  sending_limited: [450, "4.7.1", "Too much was sent in a short time"],
  locked: [451, "4.3.0", "Somebody else is using this, try again later"],
  storage_full: [452, "4.3.1", "There is no room left on the server, try again later"],
  unavailable: [451, "4.3.0", "The service is unavailable for a moment, try again later"],
};

/** What is answered when something was thrown: a bug is logged and answered by 451, so nothing is lost. */
export function translateError(thrown: unknown, log: Logger): SmtpRefusal {
  if (thrown instanceof SmtpRefusal) return thrown;
  const error = toDomainError(thrown);
  if (!error) {
    log.error({ error: thrown }, "an SMTP command failed");
    return new SmtpRefusal(451, "4.3.0", "An error of ours, try again later", { cause: thrown });
  }
  if (error.code === "unavailable" || error.code === "storage_full") log.warn({ error }, "mail was put off");
  const [code, status, text] = translations[error.code];
  // What is wrong with the message is for who must mend it.
  if (error.code === "sending_limited" || error.code === "invalid")
    return new SmtpRefusal(code, status, error.message, { cause: error });
  if (error.code === "message_refused" || error.data?.status !== undefined) return refusedMessage(error);
  return new SmtpRefusal(code, status, text, { cause: error });
}

/** The domain has judged: its own status, and its text is for the sender. */
function refusedMessage(error: DomainError): SmtpRefusal {
  const given = error.data?.status;
  const status = typeof given === "string" && /^[45]\.\d{1,3}\.\d{1,3}$/.test(given) ? given : "5.7.1";
  return new SmtpRefusal(status.startsWith("4") ? 451 : 550, status, error.message, { cause: error });
}
