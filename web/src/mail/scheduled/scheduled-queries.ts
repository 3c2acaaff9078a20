import type { Id } from "@bouquet/contract/jmap.ts";
import type { Email, EmailAddress } from "@bouquet/contract/jmap-mail.ts";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { undoSeconds } from "../composer/save-draft.ts";
import { useJmap } from "../jmap/accounts.ts";
import { Batch, resultOf } from "../jmap/client.ts";

export interface ScheduledMessage {
  readonly accountId: Id;
  readonly submissionId: Id;
  readonly emailId: Id;
  readonly sendAt: string;
  readonly subject: string;
  readonly preview: string;
  readonly to: readonly EmailAddress[];
  readonly from: EmailAddress | undefined;
}

const scheduledKey = ["mail", "scheduled"] as const;

/** Messages of every account that wait for their time, the next first. */
export function useScheduled() {
  const { accounts } = useJmap();
  return useQueries({
    queries: accounts.map(({ id }) => ({
      queryKey: [...scheduledKey, id],
      queryFn: ({ signal }: { signal: AbortSignal }) => readScheduled(id, signal),
      staleTime: 30_000,
      // What has left leaves the list.
      refetchInterval: 60_000,
    })),
    combine: (results) => ({
      messages: results.flatMap(({ data }) => data ?? []).sort((a, b) => a.sendAt.localeCompare(b.sendAt)),
      isPending: results.some((each) => each.isPending),
      error: results.find((each) => each.error && !each.data)?.error ?? null,
      refetch: () => {
        for (const each of results) void each.refetch();
      },
    }),
  });
}

export function useRefreshScheduled() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: scheduledKey });
}

async function readScheduled(accountId: Id, signal: AbortSignal): Promise<ScheduledMessage[]> {
  const batch = new Batch();
  // What only waits for the seconds in which it can be undone is as good as sent.
  const after = `${new Date(Date.now() + (undoSeconds + 4) * 1000).toISOString().slice(0, 19)}Z`;
  const filter = { undoStatus: "pending" as const, after };
  const query = batch.add("EmailSubmission/query", { accountId, filter, limit: 200 });
  const submissions = batch.add("EmailSubmission/get", { accountId, "#ids": resultOf(query, "/ids") });
  const emails = batch.add("Email/get", {
    accountId,
    "#ids": resultOf(submissions, "/list/*/emailId"),
    properties: ["id", "subject", "preview", "to", "cc", "bcc", "from"],
  });
  const answers = await batch.send(signal);
  const byId = new Map(answers.of(emails).list.map((email) => [email.id, email as Partial<Email>]));
  return answers.of(submissions).list.flatMap((submission): ScheduledMessage[] => {
    const email = byId.get(submission.emailId);
    // Deleted meanwhile, or sent by a program that keeps no copy: there is nothing to show or to take back here.
    if (!email) return [];
    return [
      {
        accountId,
        submissionId: submission.id,
        emailId: submission.emailId,
        sendAt: submission.sendAt,
        subject: email.subject ?? "",
        preview: email.preview ?? "",
        to: [...(email.to ?? []), ...(email.cc ?? []), ...(email.bcc ?? [])],
        from: email.from?.[0],
      },
    ];
  });
}
