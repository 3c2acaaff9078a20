import type { TraceBuffer } from "../../domain/mail/trace/trace-buffer.ts";
import type { Refused } from "./service.ts";

/** One row for each recipient that was refused, or one for the sender. */
export function traceRefusal(
  trace: TraceBuffer,
  { session, refusal, sender, recipients, size }: Refused,
  direction: "in" | "out",
): void {
  const common = {
    direction,
    at: new Date(),
    organizationId: session.user?.viewer.organizationId ?? null,
    sender,
    outcome: refusal.isTemporary ? ("deferred" as const) : ("refused" as const),
    status: refusal.status,
    detail: refusal.message,
    remoteAddress: session.remoteAddress,
    messageId: "",
    size: Math.min(size, Number.MAX_SAFE_INTEGER),
  };
  const addresses = recipients.length === 0 ? [""] : recipients.map((each) => each.address);
  trace.add(addresses.map((recipient) => ({ ...common, recipient })));
}
