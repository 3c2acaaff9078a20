/*
 * JMAP as this server speaks it: RFC 8620 (core), RFC 8621 (mail and submission), RFC 9425 (quota) and one extension of our own.
 * Types only, for the web app and the server; the RFCs say what the fields mean. The objects of mail are in jmap-mail.ts,
 * arguments and responses of each method in jmap-methods.ts.
 */

export const jmapPaths = {
  /** Redirects here from `/.well-known/jmap`. */
  session: "/jmap/session",
  api: "/jmap/api",
  eventSource: "/jmap/eventsource",
} as const;

export const jmapCapabilities = {
  core: "urn:ietf:params:jmap:core",
  mail: "urn:ietf:params:jmap:mail",
  submission: "urn:ietf:params:jmap:submission",
  quota: "urn:ietf:params:jmap:quota",
  /** RFC 8621 section 8. */
  vacation: "urn:ietf:params:jmap:vacationresponse",
  /** RFC 9661. */
  sieve: "urn:ietf:params:jmap:sieve",
  /** `FilterRules/get` and `FilterRules/set`: the active Sieve script as rules that a screen shows. */
  filters: "urn:bouquet:jmap:filters",
  /** `Recipient/query`: completion of recipients from the directory and from whom the account wrote to. */
  recipients: "urn:bouquet:jmap:recipients",
} as const;
export type JmapCapability = (typeof jmapCapabilities)[keyof typeof jmapCapabilities];

export type Id = string;
/** RFC 3339 in UTC: `2026-11-23T10:00:00Z`. */
export type UTCDate = string;
/** RFC 3339 with any zone. */
export type JmapDate = string;

// --- Session (RFC 8620 section 2) ---

export interface CoreCapability {
  maxSizeUpload: number;
  maxConcurrentUpload: number;
  maxSizeRequest: number;
  maxConcurrentRequests: number;
  maxCallsInRequest: number;
  maxObjectsInGet: number;
  maxObjectsInSet: number;
  collationAlgorithms: string[];
}

export interface MailAccountCapability {
  maxMailboxesPerEmail: number | null;
  maxMailboxDepth: number | null;
  maxSizeMailboxName: number;
  maxSizeAttachmentsPerEmail: number;
  emailQuerySortOptions: string[];
  mayCreateTopLevelMailbox: boolean;
}

export interface SubmissionAccountCapability {
  /** Seconds. */
  maxDelayedSend: number;
  submissionExtensions: Record<string, string[]>;
}

/** RFC 9661 section 1.3.1: of an account. */
export interface SieveAccountCapability {
  maxSizeScriptName: number;
  maxSizeScript: number;
  maxNumberScripts: number;
  maxNumberRedirects: number;
  sieveExtensions: string[];
  notificationMethods: string[];
  externalLists: null;
}

export interface JmapAccount {
  /** Of the person, or of the shared mailbox. */
  name: string;
  isPersonal: boolean;
  isReadOnly: boolean;
  accountCapabilities: {
    "urn:ietf:params:jmap:mail"?: MailAccountCapability;
    "urn:ietf:params:jmap:submission"?: SubmissionAccountCapability;
    "urn:ietf:params:jmap:quota"?: Record<string, never>;
    "urn:ietf:params:jmap:vacationresponse"?: Record<string, never>;
    "urn:ietf:params:jmap:sieve"?: SieveAccountCapability;
    "urn:bouquet:jmap:filters"?: Record<string, never>;
    "urn:bouquet:jmap:recipients"?: Record<string, never>;
  };
}

export interface JmapSession {
  capabilities: { "urn:ietf:params:jmap:core": CoreCapability } & Record<string, unknown>;
  /** The person's own account first. */
  accounts: Record<Id, JmapAccount>;
  primaryAccounts: Record<string, Id>;
  username: string;
  apiUrl: string;
  /** URI template (RFC 6570 level 1) with accountId, blobId, type, name. */
  downloadUrl: string;
  /** With accountId. */
  uploadUrl: string;
  /** With types, closeafter, ping. */
  eventSourceUrl: string;
  state: string;
}

// --- Requests (RFC 8620 section 3) ---

/** Name, arguments, method call id. */
export type Invocation<N extends string = string, A = Record<string, unknown>> = [N, A, string];

/** In place of an argument `x`, as `#x`. */
export interface ResultReference {
  resultOf: string;
  name: string;
  path: string;
}

export interface JmapRequest {
  using: string[];
  methodCalls: Invocation[];
  createdIds?: Record<Id, Id>;
}

export interface JmapResponse {
  methodResponses: Invocation[];
  createdIds?: Record<Id, Id>;
  sessionState: string;
}

/** `application/problem+json` of the whole request (RFC 7807). */
export interface RequestError {
  type:
    | "urn:ietf:params:jmap:error:unknownCapability"
    | "urn:ietf:params:jmap:error:notJSON"
    | "urn:ietf:params:jmap:error:notRequest"
    | "urn:ietf:params:jmap:error:limit"
    | "about:blank";
  status: number;
  detail?: string;
  /** With `limit`: the property of the core capability that was exceeded. */
  limit?: keyof CoreCapability;
}

export type MethodErrorType =
  | "serverUnavailable"
  | "serverFail"
  | "serverPartialFail"
  | "unknownMethod"
  | "invalidArguments"
  | "invalidResultReference"
  | "forbidden"
  | "accountNotFound"
  | "accountNotSupportedByMethod"
  | "accountReadOnly"
  | "requestTooLarge"
  | "cannotCalculateChanges"
  | "tooManyChanges"
  | "stateMismatch"
  | "anchorNotFound"
  | "unsupportedSort"
  | "unsupportedFilter"
  | "fromAccountNotFound"
  | "fromAccountNotSupportedByMethod";

/** The arguments of an `error` response. */
export interface MethodError {
  type: MethodErrorType;
  description?: string;
  /** With `invalidArguments`: the arguments at fault. */
  arguments?: string[];
}

export type SetErrorType =
  | "forbidden"
  | "overQuota"
  | "tooLarge"
  | "rateLimit"
  | "notFound"
  | "invalidPatch"
  | "willDestroy"
  | "invalidProperties"
  | "singleton"
  | "alreadyExists"
  | "serverFail"
  | "mailboxHasChild"
  | "mailboxHasEmail"
  | "blobNotFound"
  | "tooManyKeywords"
  | "tooManyMailboxes"
  | "invalidEmail"
  | "tooManyRecipients"
  | "noRecipients"
  | "invalidRecipients"
  | "forbiddenMailFrom"
  | "forbiddenFrom"
  | "forbiddenToSend"
  | "cannotUnsend"
  | "invalidSieve"
  | "sieveIsActive";

export interface SetError {
  type: SetErrorType;
  description?: string;
  properties?: string[];
  existingId?: Id;
  /** `blobNotFound`: the blobs. */
  notFound?: Id[];
  /** `invalidRecipients`: the addresses. */
  invalidRecipients?: string[];
  /** `tooManyRecipients`, `tooLarge`. */
  maxRecipients?: number;
  maxSize?: number;
}

// --- Standard methods (RFC 8620 section 5) ---

/** An argument, or a reference to the result of an earlier call of the request under the same name with `#`. */
export type Referable<A> = A | (Partial<A> & { [K in keyof A & string as `#${K}`]?: ResultReference });

export interface GetArguments<P extends string = string> {
  accountId: Id;
  ids: Id[] | null;
  properties?: P[] | null;
}
export interface GetResponse<T> {
  accountId: Id;
  state: string;
  list: T[];
  notFound: Id[];
}

export interface ChangesArguments {
  accountId: Id;
  sinceState: string;
  maxChanges?: number | null;
}
export interface ChangesResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  hasMoreChanges: boolean;
  created: Id[];
  updated: Id[];
  destroyed: Id[];
}

/** Properties to replace, or JSON pointers into them: `{ "keywords/$seen": true, "mailboxIds/a": null }`. */
export type PatchObject = Record<string, unknown>;

export interface SetArguments<C> {
  accountId: Id;
  ifInState?: string | null;
  create?: Record<Id, C> | null;
  update?: Record<Id, PatchObject> | null;
  destroy?: Id[] | null;
}
export interface SetResponse<T> {
  accountId: Id;
  oldState: string | null;
  newState: string;
  created: Record<Id, Partial<T> & { id: Id }> | null;
  updated: Record<Id, Partial<T> | null> | null;
  destroyed: Id[] | null;
  notCreated: Record<Id, SetError> | null;
  notUpdated: Record<Id, SetError> | null;
  notDestroyed: Record<Id, SetError> | null;
}

export interface Comparator<P extends string = string> {
  property: P;
  isAscending?: boolean;
  collation?: string;
}
export type FilterOf<C> = C | { operator: "AND" | "OR" | "NOT"; conditions: FilterOf<C>[] };

export interface QueryArguments<F, S extends string = string> {
  accountId: Id;
  filter?: FilterOf<F> | null;
  sort?: (Comparator<S> & { keyword?: string })[] | null;
  position?: number;
  anchor?: Id | null;
  anchorOffset?: number;
  limit?: number | null;
  calculateTotal?: boolean;
}
export interface QueryResponse {
  accountId: Id;
  queryState: string;
  canCalculateChanges: boolean;
  position: number;
  ids: Id[];
  total?: number;
  /** Only when the server set it or lowered the one asked for. */
  limit?: number;
}

export interface QueryChangesArguments<F, S extends string = string> {
  accountId: Id;
  filter?: FilterOf<F> | null;
  sort?: Comparator<S>[] | null;
  sinceQueryState: string;
  maxChanges?: number | null;
  upToId?: Id | null;
  calculateTotal?: boolean;
}
export interface QueryChangesResponse {
  accountId: Id;
  oldQueryState: string;
  newQueryState: string;
  total?: number;
  removed: Id[];
  added: { id: Id; index: number }[];
}

// --- Blobs and push (RFC 8620 sections 6 and 7) ---

/** 201 of `POST uploadUrl`. Kept for a day unless something refers to it. */
export interface UploadResponse {
  accountId: Id;
  blobId: Id;
  type: string;
  size: number;
}

/** Data of the event `state`; the event `ping` has `{ interval }` in seconds. */
export interface StateChange {
  "@type": "StateChange";
  /** account → type name → its new state. */
  changed: Record<Id, Record<string, string>>;
}
