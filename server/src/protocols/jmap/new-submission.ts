import type { EnvelopeAddress } from "@bouquet/contract/jmap-mail.ts";
import { normalizeAddress } from "../../domain/identity/normalize-address.ts";
import type { Message } from "../../domain/mail/model.ts";
import type { SubmissionRecipient } from "../../domain/mail/submission/split-recipients.ts";
import { read } from "./email/new-email.ts";
import { SetFailure } from "./jmap-errors.ts";
import {
  InvalidValue,
  type JsonObject,
  listOf,
  mapOf,
  nullable,
  object,
  type Read,
  reference,
  text,
} from "./read-arguments.ts";
import { maxDelayedSendSeconds } from "./session.ts";
import { invalidProperties } from "./standard-set.ts";

/** What a client asks to send, before the identity and the Email are known. */
export interface NewSubmission {
  identityId: string;
  emailId: string;
  envelope: { mailFrom: Envelope; rcptTo: Envelope[] } | undefined;
}

interface Envelope {
  email: string;
  /** Names in upper case. */
  parameters: Map<string, string | null>;
}

const maxRecipients = 500;

const parameterValue: Read<string | null> = (value) => nullable(text)(value) ?? null;
const envelopeAddress: Read<Envelope> = (value) => {
  const { email, parameters, ...rest } = object(value) as Partial<EnvelopeAddress>;
  if (Object.keys(rest).length > 0) throw new InvalidValue("holds what is no Address");
  const given = nullable(mapOf(text, parameterValue))(parameters) ?? new Map<string, string | null>();
  return { email: text(email), parameters: new Map([...given].map(([name, each]) => [name.toUpperCase(), each])) };
};
const envelope: Read<NewSubmission["envelope"]> = nullable((value) => {
  const { mailFrom, rcptTo, ...rest } = object(value);
  if (Object.keys(rest).length > 0) throw new InvalidValue("holds what is no Envelope");
  return { mailFrom: envelopeAddress(mailFrom), rcptTo: listOf(envelopeAddress)(rcptTo) };
});

/** @throws SetFailure `invalidProperties` */
export function readNewSubmission(properties: JsonObject): NewSubmission {
  const unknown = Object.keys(properties).filter((name) => !["identityId", "emailId", "envelope"].includes(name));
  if (unknown.length > 0) throw invalidProperties(unknown);
  return {
    identityId: read(properties, "identityId", reference),
    emailId: read(properties, "emailId", reference),
    envelope: read(properties, "envelope", envelope),
  };
}

export interface SendingPlan {
  returnPath: string;
  recipients: SubmissionRecipient[];
  sendAt: Date | undefined;
  dsn: { ret: string | null; envid: string | null };
}

/**
 * The envelope to use: the client's, or the one of the message's own fields (RFC 8621 section 7).
 * @throws SetFailure `noRecipients`, `invalidRecipients`, `tooManyRecipients`, `invalidProperties`
 */
export function planSending(given: NewSubmission["envelope"], message: Message, now: Date): SendingPlan {
  const { summary } = message;
  const sender = summary.sender[0] ?? summary.from[0];
  const written = [...summary.to, ...summary.cc, ...summary.bcc].map(({ email }) => ({ email, parameters: none }));
  const rcptTo = given?.rcptTo ?? written;
  const mailFrom = given?.mailFrom ?? { email: sender?.email ?? "", parameters: none };
  const unknown = [...mailFrom.parameters.keys()].find((name) => !knownParameters.includes(name));
  if (unknown !== undefined) throw invalidProperties(["envelope"], `${unknown.slice(0, 50)} is not supported`);
  return {
    returnPath: mailFrom.email,
    recipients: readRecipients(rcptTo),
    sendAt: readSendAt(mailFrom.parameters, now),
    dsn: {
      ret: matching(mailFrom.parameters.get("RET"), /^(FULL|HDRS)$/i)?.toUpperCase() ?? null,
      envid: matching(mailFrom.parameters.get("ENVID"), /^[\x21-\x7e]{1,100}$/) ?? null,
    },
  };
}

const none: ReadonlyMap<string, string | null> = new Map();
const knownParameters = ["HOLDFOR", "HOLDUNTIL", "RET", "ENVID", "SIZE", "BODY", "SMTPUTF8"];

function readRecipients(rcptTo: readonly { email: string; parameters: ReadonlyMap<string, string | null> }[]) {
  const recipients = new Map<string, SubmissionRecipient>();
  const invalid: string[] = [];
  for (const { email, parameters } of rcptTo) {
    try {
      const { address } = normalizeAddress(email);
      const notify = matching(
        parameters.get("NOTIFY"),
        /^(NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*)$/i,
      );
      recipients.set(address, {
        address,
        notify: notify?.toUpperCase().split(",") ?? null,
        orcpt: matching(parameters.get("ORCPT"), /^[\x21-\x7e]{1,500}$/) ?? null,
      });
    } catch {
      invalid.push(email);
    }
  }
  if (invalid.length > 0) throw new SetFailure({ type: "invalidRecipients", invalidRecipients: invalid });
  if (recipients.size === 0) throw new SetFailure({ type: "noRecipients" });
  if (recipients.size > maxRecipients) throw new SetFailure({ type: "tooManyRecipients", maxRecipients });
  return [...recipients.values()];
}

/** RFC 4865: seconds from now, or a date. */
function readSendAt(parameters: ReadonlyMap<string, string | null>, now: Date): Date | undefined {
  const seconds = parameters.get("HOLDFOR");
  const date = parameters.get("HOLDUNTIL");
  if (seconds === undefined && date === undefined) return undefined;
  const refuse = () => invalidProperties(["envelope"], `A message is held for at most ${maxDelayedSendSeconds} s`);
  if (seconds !== undefined && date !== undefined) throw refuse();
  const until =
    seconds === undefined
      ? new Date(date ?? "")
      : new Date(/^\d{1,9}$/.test(seconds ?? "") ? now.getTime() + Number(seconds) * 1_000 : Number.NaN);
  // NaN compares false.
  if (!(until.getTime() - now.getTime() <= maxDelayedSendSeconds * 1_000)) throw refuse();
  return until;
}

function matching(value: string | null | undefined, pattern: RegExp): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!pattern.test(value)) throw invalidProperties(["envelope"], "A parameter of the envelope is malformed");
  return value;
}
