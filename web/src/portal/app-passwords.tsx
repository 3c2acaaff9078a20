import type { AppPassword, AppPasswordList } from "@bouquet/contract/identity.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { request } from "../api/http.ts";
import { formatDateInSentence } from "../i18n/format.ts";
import { usePortalText } from "../i18n/portal.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { Icon } from "../ui/icon.tsx";
import { Chip } from "../ui/marks.tsx";
import { toast, toastProblem } from "../ui/toast.tsx";
import { ClientSettingsFacts } from "./client-settings.tsx";
import { CreateAppPassword } from "./create-app-password.tsx";
import { useScopeWords } from "./scope-words.ts";

const key = ["identity", "app-passwords"];

/** Passwords of phones and programs: named, limited to a use, withdrawn one by one. */
export function AppPasswords() {
  const t = usePortalText();
  const ui = useUiText();
  const errorText = useErrorText();
  const queries = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [withdrawing, setWithdrawing] = useState<AppPassword | null>(null);
  const [wiping, setWiping] = useState<AppPassword | null>(null);
  const list = useQuery({ queryKey: key, queryFn: () => request<AppPasswordList>("/api/app-passwords") });
  const reread = () => queries.invalidateQueries({ queryKey: key });
  const withdraw = useMutation({
    mutationFn: (id: string) => request<void>(`/api/app-passwords/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: () => toast(t.withdrawn),
    onError: (error) => toastProblem(errorText(error)),
    onSettled: () => {
      setWithdrawing(null);
      return reread();
    },
  });
  const wipe = useMutation({
    mutationFn: (id: string) => request<void>(`/api/app-passwords/${encodeURIComponent(id)}/wipe`, { method: "POST" }),
    onSuccess: () => toast(t.wipeAsked),
    onError: (error) => toastProblem(errorText(error)),
    onSettled: () => {
      setWiping(null);
      return reread();
    },
  });
  const items = list.data?.appPasswords;
  const create = (
    <Button icon={Plus} variant="primary" onPress={() => setCreating(true)}>
      {t.create}
    </Button>
  );
  return (
    <>
      <section aria-labelledby="app-passwords">
        <div>
          <h2 id="app-passwords">{t.appPasswords}</h2>
          <p className="lead">{t.appPasswordsText}</p>
        </div>
        {list.isPending && <SkeletonRows count={2} />}
        {list.error && !items && (
          <Banner tone="danger" action={{ label: ui.retry, run: () => void list.refetch() }}>
            {errorText(list.error)}
          </Banner>
        )}
        {items?.length === 0 && (
          <EmptyState drawing="mailbox" title={t.noAppPassword} action={create}>
            {t.noAppPasswordText}
          </EmptyState>
        )}
        {items && items.length > 0 && (
          <>
            <ul className="lines">
              {items.map((item) => (
                <AppPasswordLine
                  key={item.id}
                  item={item}
                  onWithdraw={() => setWithdrawing(item)}
                  onWipe={() => setWiping(item)}
                />
              ))}
            </ul>
            <div>{create}</div>
          </>
        )}
      </section>
      <section aria-labelledby="client-settings">
        <h2 id="client-settings">{t.clientSettings}</h2>
        <ClientSettingsFacts />
      </section>
      {creating && <CreateAppPassword onClose={() => setCreating(false)} onCreated={() => void reread()} />}
      <Confirm
        isOpen={withdrawing !== null}
        onClose={() => setWithdrawing(null)}
        title={t.withdrawTitle(withdrawing?.name ?? "")}
        text={t.withdrawText}
        keep={t.keep}
        confirm={t.withdraw}
        isPending={withdraw.isPending}
        onConfirm={() => withdrawing && withdraw.mutate(withdrawing.id)}
      />
      <Confirm
        isOpen={wiping !== null}
        onClose={() => setWiping(null)}
        title={t.wipeTitle(wiping?.name ?? "")}
        text={t.wipeText}
        keep={t.keep}
        confirm={t.wipeConfirm}
        isPending={wipe.isPending}
        onConfirm={() => wiping && wipe.mutate(wiping.id)}
      />
    </>
  );
}

interface LineProps {
  readonly item: AppPassword;
  readonly onWithdraw: () => void;
  readonly onWipe: () => void;
}

function AppPasswordLine({ item, onWithdraw, onWipe }: LineProps) {
  const t = usePortalText();
  const words = useScopeWords();
  return (
    <li>
      <Icon of={KeyRound} />
      <div className="grow stack" style={{ gap: 4 }}>
        <p className="strong clip">{item.name}</p>
        <p className="row wrap-row">
          {item.scopes.map((scope) => (
            <Chip key={scope}>{words[scope]}</Chip>
          ))}
          <span className="small muted">{useStateWords(item)}</span>
        </p>
      </div>
      {!item.wipeRequestedAt && (
        <div className="line-actions">
          {item.scopes.includes("dav") && (
            <Button size="sm" variant="danger-text" onPress={onWipe} aria-label={t.wipeOf(item.name)}>
              {t.wipe}
            </Button>
          )}
          <Button size="sm" variant="danger-text" onPress={onWithdraw} aria-label={t.withdrawOf(item.name)}>
            {t.withdraw}
          </Button>
        </div>
      )}
    </li>
  );
}

function useStateWords({ lastUsedAt, wipeRequestedAt, wipedAt }: AppPassword): string {
  const t = usePortalText();
  const language = useLanguage();
  const date = (when: string) => formatDateInSentence(when, { language });
  if (wipedAt) return t.wiped(date(wipedAt));
  if (wipeRequestedAt) return t.wipeWaits(date(wipeRequestedAt));
  return lastUsedAt ? t.lastUsed(date(lastUsedAt)) : t.neverUsed;
}
