import { type JmapCapability, jmapCapabilities } from "@bouquet/contract/jmap.ts";
import type { JmapMethodName } from "@bouquet/contract/jmap-methods.ts";
import type { Method } from "../method.ts";
import { noQueryChanges } from "../no-query-changes.ts";
import { coreEcho } from "./core-echo.ts";
import { emailChanges } from "./email-changes.ts";
import { emailCopy } from "./email-copy.ts";
import { emailGet } from "./email-get.ts";
import { emailImport } from "./email-import.ts";
import { emailParse } from "./email-parse.ts";
import { emailQuery } from "./email-query.ts";
import { emailSet } from "./email-set.ts";
import { emailSubmissionChanges } from "./email-submission-changes.ts";
import { emailSubmissionGet } from "./email-submission-get.ts";
import { emailSubmissionQuery } from "./email-submission-query.ts";
import { emailSubmissionSet } from "./email-submission-set.ts";
import { filterRulesGet } from "./filter-rules-get.ts";
import { filterRulesSet } from "./filter-rules-set.ts";
import { identityChanges } from "./identity-changes.ts";
import { identityGet } from "./identity-get.ts";
import { identitySet } from "./identity-set.ts";
import { mailboxChanges } from "./mailbox-changes.ts";
import { mailboxGet } from "./mailbox-get.ts";
import { mailboxQuery } from "./mailbox-query.ts";
import { mailboxSet } from "./mailbox-set.ts";
import { quotaChanges } from "./quota-changes.ts";
import { quotaGet } from "./quota-get.ts";
import { quotaQuery } from "./quota-query.ts";
import { recipientQuery } from "./recipient-query.ts";
import { searchSnippetGet } from "./search-snippet-get.ts";
import { sieveScriptGet } from "./sieve-script-get.ts";
import { sieveScriptQuery } from "./sieve-script-query.ts";
import { sieveScriptSet } from "./sieve-script-set.ts";
import { sieveScriptValidate } from "./sieve-script-validate.ts";
import { threadChanges } from "./thread-changes.ts";
import { threadGet } from "./thread-get.ts";
import { vacationResponseGet } from "./vacation-response-get.ts";
import { vacationResponseSet } from "./vacation-response-set.ts";

interface Definition<M extends JmapMethodName> {
  /** That the request must use. */
  readonly capability: JmapCapability;
  readonly run: Method<M>;
}

const { core, mail, submission, quota, vacation, sieve, filters, recipients } = jmapCapabilities;

/** Every method; a name of the contract without one does not compile. */
export const methods: { readonly [M in JmapMethodName]: Definition<M> } = {
  "Core/echo": { capability: core, run: coreEcho },
  "Mailbox/get": { capability: mail, run: mailboxGet },
  "Mailbox/changes": { capability: mail, run: mailboxChanges },
  "Mailbox/query": { capability: mail, run: mailboxQuery },
  "Mailbox/queryChanges": { capability: mail, run: noQueryChanges },
  "Mailbox/set": { capability: mail, run: mailboxSet },
  "Thread/get": { capability: mail, run: threadGet },
  "Thread/changes": { capability: mail, run: threadChanges },
  "Email/get": { capability: mail, run: emailGet },
  "Email/changes": { capability: mail, run: emailChanges },
  "Email/query": { capability: mail, run: emailQuery },
  "Email/queryChanges": { capability: mail, run: noQueryChanges },
  "Email/set": { capability: mail, run: emailSet },
  "Email/copy": { capability: mail, run: emailCopy },
  "Email/import": { capability: mail, run: emailImport },
  "Email/parse": { capability: mail, run: emailParse },
  "SearchSnippet/get": { capability: mail, run: searchSnippetGet },
  "Identity/get": { capability: submission, run: identityGet },
  "Identity/changes": { capability: submission, run: identityChanges },
  "Identity/set": { capability: submission, run: identitySet },
  "EmailSubmission/get": { capability: submission, run: emailSubmissionGet },
  "EmailSubmission/changes": { capability: submission, run: emailSubmissionChanges },
  "EmailSubmission/query": { capability: submission, run: emailSubmissionQuery },
  "EmailSubmission/queryChanges": { capability: submission, run: noQueryChanges },
  "EmailSubmission/set": { capability: submission, run: emailSubmissionSet },
  "Quota/get": { capability: quota, run: quotaGet },
  "Quota/changes": { capability: quota, run: quotaChanges },
  "Quota/query": { capability: quota, run: quotaQuery },
  "Quota/queryChanges": { capability: quota, run: noQueryChanges },
  "SieveScript/get": { capability: sieve, run: sieveScriptGet },
  "SieveScript/set": { capability: sieve, run: sieveScriptSet },
  "SieveScript/query": { capability: sieve, run: sieveScriptQuery },
  "SieveScript/validate": { capability: sieve, run: sieveScriptValidate },
  "VacationResponse/get": { capability: vacation, run: vacationResponseGet },
  "VacationResponse/set": { capability: vacation, run: vacationResponseSet },
  "FilterRules/get": { capability: filters, run: filterRulesGet },
  "FilterRules/set": { capability: filters, run: filterRulesSet },
  "Recipient/query": { capability: recipients, run: recipientQuery },
};
