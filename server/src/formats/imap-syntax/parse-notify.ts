import { BadSyntax } from "./bad-syntax.ts";
import { type FetchItem, parseFetchItem } from "./parse-fetch.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";

export const NOTIFY_EVENTS = [
  "MessageNew",
  "MessageExpunge",
  "FlagChange",
  "MailboxName",
  "SubscriptionChange",
  "MailboxMetadataChange",
  "ServerMetadataChange",
] as const;
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

export type MailboxFilter =
  | { readonly kind: "selected" | "selected-delayed" | "inboxes" | "personal" | "subscribed" }
  | { readonly kind: "subtree" | "mailboxes"; readonly names: readonly string[] };

export interface EventGroup {
  readonly filter: MailboxFilter;
  /** None says that nothing is to be told of these mailboxes, though a later group names them. */
  readonly events: ReadonlySet<NotifyEvent>;
  /** What is to be fetched of new messages; null when nothing was said. */
  readonly fetch: readonly FetchItem[] | null;
}

export interface NotifyCommand {
  /** Empty for NOTIFY NONE. */
  readonly groups: readonly EventGroup[];
  /** STATUS of each mailbox before anything else. */
  readonly status: boolean;
  /** Events that are not known here: the command is refused with BADEVENT. */
  readonly unknown: readonly string[];
}

const MESSAGE_EVENTS: readonly NotifyEvent[] = ["MessageNew", "MessageExpunge", "FlagChange"];
const MAX_GROUPS = 50;
const MAX_NAMES = 1000;

/**
 * Parses NOTIFY (RFC 5465 section 8).
 * @throws BadSyntax, also for combinations that section 5 forbids
 */
export function parseNotify(command: RawCommand, utf8: boolean): NotifyCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const verb = scanner.keyword();
  if (verb === "NONE") {
    scanner.end();
    return { groups: [], status: false, unknown: [] };
  }
  if (verb !== "SET") throw new BadSyntax("NOTIFY is followed by SET or NONE.");
  const status = scanner.accept(" STATUS");
  const groups: EventGroup[] = [];
  const unknown: string[] = [];
  do {
    scanner.space();
    groups.push(parseGroup(scanner, utf8, unknown));
    if (groups.length > MAX_GROUPS) throw new BadSyntax("These are too many event groups.");
  } while (!scanner.atEnd);
  const selected = groups.filter(({ filter }) => isSelected(filter));
  if (selected.length > 1) throw new BadSyntax("Only one of SELECTED and SELECTED-DELAYED is possible, once.");
  return { groups, status, unknown };
}

export function isSelected({ kind }: MailboxFilter): boolean {
  return kind === "selected" || kind === "selected-delayed";
}

function parseGroup(scanner: Scanner, utf8: boolean, unknown: string[]): EventGroup {
  scanner.expect("(");
  const filter = parseFilter(scanner, utf8);
  scanner.space();
  const events = new Set<NotifyEvent>();
  let fetch: FetchItem[] | null = null;
  if (scanner.peek() !== "(") {
    if (scanner.keyword() !== "NONE") throw new BadSyntax("Events stand in parentheses, or are NONE.");
  } else {
    scanner.list(() => {
      const written = scanner.atom();
      const event = NOTIFY_EVENTS.find((each) => each.toUpperCase() === written.toUpperCase());
      if (event === undefined) unknown.push(written);
      else events.add(event);
      if (event === "MessageNew" && scanner.peek(2) === " (") {
        scanner.space();
        fetch = scanner.list(() => parseFetchItem(scanner));
      }
    });
  }
  scanner.expect(")");
  checkEvents(filter, events, fetch !== null);
  return { filter, events, fetch };
}

function parseFilter(scanner: Scanner, utf8: boolean): MailboxFilter {
  const kind = scanner.keyword().toLowerCase();
  switch (kind) {
    case "selected":
    case "selected-delayed":
    case "inboxes":
    case "personal":
    case "subscribed":
      return { kind };
    case "subtree":
    case "mailboxes": {
      scanner.space();
      const names = scanner.peek() === "(" ? scanner.list(() => scanner.mailbox(utf8)) : [scanner.mailbox(utf8)];
      if (names.length === 0 || names.length > MAX_NAMES) throw new BadSyntax("1 to 1000 mailboxes are expected.");
      return { kind, names };
    }
    default:
      throw new BadSyntax("This is no specification of mailboxes.");
  }
}

/** RFC 5465 section 5: messages that come and go are told both or not at all, flags only with them. */
function checkEvents(filter: MailboxFilter, events: ReadonlySet<NotifyEvent>, fetches: boolean): void {
  if (events.has("MessageNew") !== events.has("MessageExpunge")) {
    throw new BadSyntax("MessageNew and MessageExpunge go together.");
  }
  if (events.has("FlagChange") && !events.has("MessageNew")) throw new BadSyntax("FlagChange needs MessageNew.");
  if (isSelected(filter) && [...events].some((event) => !MESSAGE_EVENTS.includes(event))) {
    throw new BadSyntax("For the selected mailbox there are events of messages only.");
  }
  if (fetches && !isSelected(filter)) throw new BadSyntax("Only messages of the selected mailbox are fetched.");
}
