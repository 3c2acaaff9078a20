import { DomainError } from "../../../domain/errors.ts";
import { searchMessages } from "../../../domain/mail/search/search-messages.ts";
import { emailFilter, readEmailSort } from "../email/email-filter.ts";
import { MethodFailure } from "../jmap-errors.ts";
import type { Method } from "../method.ts";
import { bool, nullable, optional, readArguments } from "../read-arguments.ts";
import { queryShape } from "../standard-query.ts";

/** Ids of a page at most; a client asks for the next ones by position or anchor. */
const maxLimit = 5_000;

/** RFC 8621 section 4.4. */
export const emailQuery: Method<"Email/query"> = async (context, given) => {
  const { accountId, filter, sort, collapseThreads, ...window } = readArguments(given, {
    ...queryShape,
    filter: nullable(emailFilter),
    collapseThreads: optional(bool),
  });
  const access = await context.accounts.open(accountId);
  const limit = Math.min(window.limit ?? maxLimit, maxLimit);
  const options = {
    sort: readEmailSort(sort ?? []),
    collapseThreads: collapseThreads ?? false,
    limit,
    calculateTotal: window.calculateTotal ?? false,
    ...(window.anchor === undefined ? { position: window.position ?? 0 } : { anchor: window.anchor }),
    ...(window.anchorOffset !== undefined && { anchorOffset: window.anchorOffset }),
  };
  try {
    const found = await searchMessages(context.deps.mail.store.read, access, filter ?? {}, options);
    return {
      accountId,
      queryState: found.queryState,
      canCalculateChanges: false,
      position: found.position,
      ids: found.ids,
      ...(found.total !== undefined && { total: found.total }),
      ...(limit !== window.limit && { limit }),
      ...(collapseThreads !== undefined && { collapseThreads }),
    };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.data?.reason === "anchor") throw new MethodFailure("anchorNotFound");
    if (error.code === "invalid") throw new MethodFailure("unsupportedFilter", error.message);
    throw error;
  }
};
