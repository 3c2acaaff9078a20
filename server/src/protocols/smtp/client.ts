import type { Logger } from "../../telemetry/logger.ts";
import type { ClientChannel } from "./client-channel.ts";
import { formatReply, type SmtpRefusal } from "./reply.ts";
import type { SmtpService } from "./service.ts";
import type { Session } from "./session.ts";
import type { SmtpMetrics } from "./smtp-metrics.ts";
import type { SmtpLimits } from "./smtp-options.ts";

export interface ServerContext {
  readonly hostName: string;
  /** Bytes. */
  readonly messageSizeLimit: number;
  readonly limits: SmtpLimits;
  readonly log: Logger;
  readonly metrics: SmtpMetrics;
  readonly service: SmtpService;
}

/** What a command works on. */
export interface Client extends ServerContext {
  readonly session: Session;
  readonly channel: ClientChannel;
  /** Refused recipients and wrong passwords so far. */
  readonly counts: { refusedRecipients: number; wrongPasswords: number; idleCommands: number };
  /** True: the connection is closed once the reply is sent. */
  isLeaving: boolean;
}

/** A command, in its own file of commands/: writes one reply, or throws. `text` is what follows the verb. */
export type Command = (client: Client, text: string) => Promise<void>;

export function reply(client: Client, code: number, status: string, ...lines: string[]): void {
  client.channel.write(formatReply(code, status, lines, client.session.envelope?.parameters.isSmtpUtf8));
}

export function replyRefusal(client: Client, refusal: SmtpRefusal): void {
  const text = refusal.isGoodbye ? `${client.hostName} ${refusal.message}` : refusal.message;
  reply(client, refusal.code, refusal.status, text);
  if (refusal.isGoodbye) client.isLeaving = true;
}
