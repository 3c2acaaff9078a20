import type { NewSenderRule, SenderRule } from "@bouquet/contract/mail-screening.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useErrorText } from "../../api/error-text.ts";
import { request } from "../../api/http.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { useUiText } from "../../i18n/ui.ts";
import { toastProblem, toastWithUndo } from "../../ui/toast.tsx";
import { type ScreeningScope, scopeQuery } from "./section-parts.tsx";

const path = "/api/mail/sender-rules";
const keyOf = (scope: ScreeningScope, accountId: string) => [
  "mail",
  "sender-rules",
  scope === "all" ? "all" : accountId,
];

export function useSenderRules(scope: ScreeningScope, accountId: string) {
  return useQuery({
    queryKey: keyOf(scope, accountId),
    queryFn: () => request<{ rules: SenderRule[] }>(`${path}${scopeQuery(scope, accountId)}`),
  });
}

/** Adds to the lists of allowed and blocked senders and takes from them, each with « Annuler ». */
export function useChangeSenderRules(scope: ScreeningScope, accountId: string) {
  const { senders: t } = useMailSettingsText();
  const ui = useUiText();
  const errorText = useErrorText();
  const queries = useQueryClient();
  const query = scopeQuery(scope, accountId);
  const reread = () => queries.invalidateQueries({ queryKey: keyOf(scope, accountId) });
  const post = (rule: NewSenderRule) => request<SenderRule>(`${path}${query}`, { method: "POST", body: rule });
  const drop = (id: string) => request<void>(`${path}/${encodeURIComponent(id)}${query}`, { method: "DELETE" });
  const undo = (work: () => Promise<unknown>) => () =>
    void work()
      .catch((error: unknown) => toastProblem(errorText(error)))
      .finally(reread);
  const add = useMutation({
    mutationFn: post,
    onSuccess: (rule) => {
      const said = rule.kind === "block" ? t.nowBlocked(rule.pattern) : t.nowAllowed(rule.pattern);
      toastWithUndo(
        said,
        ui.undo,
        undo(() => drop(rule.id)),
      );
      return reread();
    },
  });
  const remove = useMutation({
    mutationFn: (rule: SenderRule) => drop(rule.id),
    onSuccess: (_, { kind, pattern }) =>
      toastWithUndo(
        t.removed(pattern),
        ui.undo,
        undo(() => post({ kind, pattern })),
      ),
    onError: (error) => toastProblem(errorText(error)),
    onSettled: reread,
  });
  return { add, remove };
}
