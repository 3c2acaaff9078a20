import type {
  ChangesArguments,
  ChangesResponse,
  FilterOf,
  GetArguments,
  GetResponse,
  Id,
  PatchObject,
  QueryArguments,
  QueryChangesArguments,
  QueryChangesResponse,
  QueryResponse,
  SetArguments,
  SetError,
  SetResponse,
  UTCDate,
} from "./jmap.ts";
import type {
  FilterRules,
  FilterRulesState,
  FilterRulesUpdate,
  SieveScript,
  VacationResponse,
} from "./jmap-filters.ts";
import type {
  Email,
  EmailFilter,
  EmailGetArguments,
  EmailImport,
  EmailSubmission,
  EmailSubmissionFilter,
  Identity,
  Mailbox,
  MailboxFilter,
  NewEmail,
  NewEmailSubmission,
  Quota,
  Recipient,
  SearchSnippet,
  Thread,
} from "./jmap-mail.ts";

/** Arguments and response of every method that this server knows. */
export interface JmapMethods {
  "Core/echo": [Record<string, unknown>, Record<string, unknown>];
  "Mailbox/get": [GetArguments<keyof Mailbox>, GetResponse<Mailbox>];
  "Mailbox/changes": [ChangesArguments, ChangesResponse & { updatedProperties: (keyof Mailbox)[] | null }];
  "Mailbox/query": [
    QueryArguments<MailboxFilter, "sortOrder" | "name" | "parentId"> & { sortAsTree?: boolean; filterAsTree?: boolean },
    QueryResponse,
  ];
  "Mailbox/queryChanges": [QueryChangesArguments<MailboxFilter>, QueryChangesResponse];
  "Mailbox/set": [SetArguments<Partial<Mailbox>> & { onDestroyRemoveEmails?: boolean }, SetResponse<Mailbox>];
  "Thread/get": [GetArguments<keyof Thread>, GetResponse<Thread>];
  "Thread/changes": [ChangesArguments, ChangesResponse];
  "Email/get": [EmailGetArguments, GetResponse<Partial<Email> & { id: Id }>];
  "Email/changes": [ChangesArguments, ChangesResponse];
  "Email/query": [
    QueryArguments<EmailFilter> & { collapseThreads?: boolean },
    QueryResponse & { collapseThreads?: boolean },
  ];
  "Email/queryChanges": [QueryChangesArguments<EmailFilter> & { collapseThreads?: boolean }, QueryChangesResponse];
  "Email/set": [SetArguments<NewEmail>, SetResponse<Email>];
  "Email/copy": [
    {
      fromAccountId: Id;
      accountId: Id;
      ifFromInState?: string | null;
      ifInState?: string | null;
      create: Record<
        Id,
        { id: Id; mailboxIds: Record<Id, true>; keywords?: Record<string, true>; receivedAt?: UTCDate }
      >;
      onSuccessDestroyOriginal?: boolean;
      destroyFromIfInState?: string | null;
    },
    Pick<SetResponse<Email>, "accountId" | "oldState" | "newState" | "created" | "notCreated"> & { fromAccountId: Id },
  ];
  "Email/import": [
    { accountId: Id; ifInState?: string | null; emails: Record<Id, EmailImport> },
    Pick<SetResponse<Email>, "accountId" | "oldState" | "newState" | "created" | "notCreated">,
  ];
  "Email/parse": [
    Omit<EmailGetArguments, "ids"> & { blobIds: Id[] },
    { accountId: Id; parsed: Record<Id, Partial<Email>> | null; notParsable: Id[] | null; notFound: Id[] | null },
  ];
  "SearchSnippet/get": [
    { accountId: Id; filter?: FilterOf<EmailFilter> | null; emailIds: Id[] },
    { accountId: Id; list: SearchSnippet[]; notFound: Id[] | null },
  ];
  "Identity/get": [GetArguments<keyof Identity>, GetResponse<Identity>];
  "Identity/changes": [ChangesArguments, ChangesResponse];
  "Identity/set": [SetArguments<Partial<Identity>>, SetResponse<Identity>];
  "EmailSubmission/get": [GetArguments<keyof EmailSubmission>, GetResponse<EmailSubmission>];
  "EmailSubmission/changes": [ChangesArguments, ChangesResponse];
  "EmailSubmission/query": [QueryArguments<EmailSubmissionFilter, "emailId" | "threadId" | "sentAt">, QueryResponse];
  "EmailSubmission/queryChanges": [QueryChangesArguments<EmailSubmissionFilter>, QueryChangesResponse];
  /** When one of the two is given an `Email/set` response follows under the same call id. */
  "EmailSubmission/set": [
    SetArguments<NewEmailSubmission> & {
      /** Keys: ids of submissions, `#` and the creation id for new ones. */
      onSuccessUpdateEmail?: Record<Id, PatchObject> | null;
      onSuccessDestroyEmail?: Id[] | null;
    },
    SetResponse<EmailSubmission>,
  ];
  "Quota/get": [GetArguments<keyof Quota>, GetResponse<Quota>];
  "Quota/changes": [ChangesArguments, ChangesResponse & { updatedProperties: string[] | null }];
  "Quota/query": [QueryArguments<Record<string, unknown>>, QueryResponse];
  "Quota/queryChanges": [QueryChangesArguments<Record<string, unknown>>, QueryChangesResponse];
  "SieveScript/get": [GetArguments<keyof SieveScript>, GetResponse<SieveScript>];
  "SieveScript/set": [
    SetArguments<{ name?: string | null; blobId: Id }> & {
      onSuccessActivateScript?: Id | null;
      onSuccessDeactivateScript?: boolean | null;
    },
    SetResponse<SieveScript>,
  ];
  "SieveScript/query": [QueryArguments<{ name?: string; isActive?: boolean }, "name" | "isActive">, QueryResponse];
  "SieveScript/validate": [{ accountId: Id; blobId: Id }, { accountId: Id; error: SetError | null }];
  "VacationResponse/get": [GetArguments<keyof VacationResponse>, GetResponse<VacationResponse>];
  "VacationResponse/set": [SetArguments<Partial<VacationResponse>>, SetResponse<VacationResponse>];
  "FilterRules/get": [{ accountId: Id }, FilterRulesState];
  /** `replacesScript`: a script that a person wrote stays, and is not the active one any more. */
  "FilterRules/set": [
    { accountId: Id; ifInState?: string | null; rules: FilterRules; replacesScript?: boolean },
    FilterRulesUpdate,
  ];
  "Recipient/query": [
    { accountId: Id; filter: { text: string }; limit?: number },
    { accountId: Id; list: Recipient[] },
  ];
}
export type JmapMethodName = keyof JmapMethods;
export type ArgumentsOf<M extends JmapMethodName> = JmapMethods[M][0];
export type ResponseOf<M extends JmapMethodName> = JmapMethods[M][1];
