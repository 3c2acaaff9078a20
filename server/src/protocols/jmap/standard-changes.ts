import type { ChangesResponse } from "@bouquet/contract/jmap.ts";
import type { MailChanges } from "../../domain/mail/changes-since.ts";
import { InvalidValue, id, nullable, type Read, text, unsignedInt } from "./read-arguments.ts";

const positive: Read<number> = (value) => {
  const count = unsignedInt(value);
  if (count === 0) throw new InvalidValue("must be greater than 0");
  return count;
};

/** RFC 8620 section 5.2. */
export const changesShape = { accountId: id, sinceState: text, maxChanges: nullable(positive) };

export function changesResponse(accountId: string, changes: MailChanges): ChangesResponse {
  const { oldState, newState, hasMore, created, updated, destroyed } = changes;
  return { accountId, oldState, newState, hasMoreChanges: hasMore, created, updated, destroyed };
}
