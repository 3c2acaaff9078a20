/** RFC 8621 section 4.4.1, with flags in our spelling and dates as dates. */
export interface SearchCondition {
  inMailbox?: string;
  inMailboxOtherThan?: readonly string[];
  /** receivedAt before, and at or after. */
  before?: Date;
  after?: Date;
  /** In bytes, at least. */
  minSize?: number;
  /** In bytes, less than. */
  maxSize?: number;
  hasFlag?: string;
  notFlag?: string;
  allInThreadHaveFlag?: string;
  someInThreadHaveFlag?: string;
  noneInThreadHaveFlag?: string;
  hasAttachment?: boolean;
  /** Words anywhere: French stems, the last word also as a beginning; quotes, `or` and `-` as in a web search. */
  text?: string;
  body?: string;
  /** Every word must occur in a name or address, whatever its case and accents. */
  from?: string;
  to?: string;
  cc?: string;
  bcc?: string;
  subject?: string;
  /** Message-ID, without brackets. */
  messageId?: string;
}

export type SearchFilter = SearchCondition | { operator: "AND" | "OR" | "NOT"; conditions: readonly SearchFilter[] };

export interface SearchSort {
  property: "receivedAt" | "sentAt" | "from" | "to" | "subject" | "size" | "hasFlag" | "someInThreadHaveFlag";
  /** For the two flag properties. */
  flag?: string;
  isAscending: boolean;
}

export function isOperator(
  filter: SearchFilter,
): filter is { operator: "AND" | "OR" | "NOT"; conditions: readonly SearchFilter[] } {
  return "operator" in filter;
}
