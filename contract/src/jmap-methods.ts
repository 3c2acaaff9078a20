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
  SetResponse,
  UTCDate,
} from "./jmap.ts";
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
  "Recipient/query": [
    { accountId: Id; filter: { text: string }; limit?: number },
    { accountId: Id; list: Recipient[] },
  ];
}
export type JmapMethodName = keyof JmapMethods;
export type ArgumentsOf<M extends JmapMethodName> = JmapMethods[M][0];
export type ResponseOf<M extends JmapMethodName> = JmapMethods[M][1];
