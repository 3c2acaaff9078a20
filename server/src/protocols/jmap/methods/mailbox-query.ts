import type { Comparator } from "@bouquet/contract/jmap.ts";
import { listMailboxes } from "../../../domain/mail/list-mailboxes.ts";
import { mailState } from "../../../domain/mail/mail-state.ts";
import type { Mailbox } from "../../../domain/mail/model.ts";
import { conditionOf, type Filter, filterOf, matchesFilter } from "../filter.ts";
import { MethodFailure } from "../jmap-errors.ts";
import type { Method } from "../method.ts";
import { bool, id, nullable, optional, readArguments, text } from "../read-arguments.ts";
import { queryShape, windowOf } from "../standard-query.ts";

interface Condition {
  parentId?: string | undefined;
  name?: string;
  role?: string | undefined;
  hasAnyRole?: boolean;
  isSubscribed?: boolean;
}

const mailboxFilter = filterOf<Condition>(
  conditionOf({ parentId: nullable(id), name: text, role: nullable(text), hasAnyRole: bool, isSubscribed: bool }),
);

/** RFC 8621 section 2.3. */
export const mailboxQuery: Method<"Mailbox/query"> = async (context, given) => {
  const { accountId, filter, sort, sortAsTree, filterAsTree, ...window } = readArguments(given, {
    ...queryShape,
    filter: nullable(mailboxFilter),
    sortAsTree: optional(bool),
    filterAsTree: optional(bool),
  });
  const access = await context.accounts.open(accountId);
  const reader = context.deps.mail.store.read;
  const compare = comparison(sort ?? []);
  const queryState = (await mailState(reader, access)).Mailbox;
  const mailboxes = await listMailboxes(reader, access);
  const byId = new Map(mailboxes.map((each) => [each.id, each]));
  const matching = new Set(mailboxes.filter((each) => !filter || matches(filter, each)));
  const shown = filterAsTree ? new Set([...matching].filter((each) => allAbove(byId, each, matching))) : matching;
  const sorted = sortAsTree ? inTreeOrder(mailboxes.toSorted(compare)) : mailboxes.toSorted(compare);
  const ids = sorted.filter((each) => shown.has(each)).map((each) => each.id);
  return {
    accountId,
    queryState,
    canCalculateChanges: false,
    ...windowOf(ids, window, Number.MAX_SAFE_INTEGER),
  };
};

function matches(filter: Filter<Condition>, mailbox: Mailbox): boolean {
  return matchesFilter(
    filter,
    (condition) =>
      (!("parentId" in condition) || mailbox.parentId === (condition.parentId ?? null)) &&
      (condition.name === undefined || mailbox.name.toLowerCase().includes(condition.name.toLowerCase())) &&
      (!("role" in condition) || mailbox.role === (condition.role ?? null)) &&
      (condition.hasAnyRole === undefined || (mailbox.role !== null) === condition.hasAnyRole) &&
      (condition.isSubscribed === undefined || mailbox.isSubscribed === condition.isSubscribed),
  );
}

function comparison(sort: readonly Comparator[]): (a: Mailbox, b: Mailbox) => number {
  const values: Record<string, (a: Mailbox, b: Mailbox) => number> = {
    sortOrder: (a, b) => a.sortOrder - b.sortOrder,
    name: (a, b) => a.name.localeCompare(b.name, "fr", { sensitivity: "base" }),
    parentId: (a, b) => (a.parentId ?? "").localeCompare(b.parentId ?? ""),
  };
  const steps = sort.map(({ property, isAscending }) => {
    const step = Object.hasOwn(values, property) ? values[property] : undefined;
    if (!step) throw new MethodFailure("unsupportedSort", `Mailboxes cannot be sorted by “${property.slice(0, 100)}”`);
    return { step, direction: isAscending === false ? -1 : 1 };
  });
  return (a, b) => {
    for (const { step, direction } of steps) {
      const order = step(a, b) * direction;
      if (order !== 0) return order;
    }
    return 0;
  };
}

function allAbove(byId: ReadonlyMap<string, Mailbox>, mailbox: Mailbox, matching: ReadonlySet<Mailbox>): boolean {
  for (let at: Mailbox | undefined = mailbox; at?.parentId; ) {
    at = byId.get(at.parentId);
    if (!at || !matching.has(at)) return false;
  }
  return true;
}

/** Each mailbox before what is inside it, siblings in the order given. */
function inTreeOrder(sorted: readonly Mailbox[]): Mailbox[] {
  const children = Map.groupBy(sorted, (each) => each.parentId);
  const ordered: Mailbox[] = [];
  const visit = (parentId: string | null): void => {
    for (const each of children.get(parentId) ?? []) {
      ordered.push(each);
      visit(each.id);
    }
  };
  visit(null);
  return ordered;
}
