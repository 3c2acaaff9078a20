import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileCode } from "lucide-react";
import { useMailSettingsText } from "../../../i18n/mail-settings.ts";
import { Button } from "../../../ui/button.tsx";
import { Note } from "../../../ui/feedback.tsx";
import { toast, toastProblem } from "../../../ui/toast.tsx";
import type { MailAccount } from "../../jmap/accounts.ts";
import { useFilterErrorText } from "../filters-query.ts";
import { activateScript, useScripts } from "./scripts.ts";

/** Scripts that are kept beside the rules without being applied. */
export function OtherScripts({ account }: { account: MailAccount }) {
  const { filters: t } = useMailSettingsText();
  const queries = useQueryClient();
  const explain = useFilterErrorText();
  const { data = [] } = useScripts(account.id);
  const use = useMutation({
    mutationFn: (id: string) => activateScript(queries, account.id, id),
    onSuccess: () => toast(t.scriptUsed),
    onError: (error) => toastProblem(explain(error)),
  });
  return data
    .filter((script) => !script.isActive)
    .map((script) => (
      <Note key={script.id} icon={FileCode}>
        <div className="row wrap-row">
          <span className="grow">{t.otherScript(script.name)}</span>
          <Button size="sm" isPending={use.isPending} onPress={() => use.mutate(script.id)}>
            {t.useScript}
          </Button>
        </div>
      </Note>
    ));
}
