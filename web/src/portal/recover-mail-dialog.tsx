import type { PersonItem } from "@bouquet/contract/identity.ts";
import type { RecoverySummary, Restored } from "@bouquet/contract/mail-recovery.ts";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { ApiError, request } from "../api/http.ts";
import { useSession } from "../api/session.ts";
import { instantAt } from "../i18n/clock.ts";
import { formatBytes, formatDay } from "../i18n/format.ts";
import { usePortalText } from "../i18n/portal.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Banner, Note, SkeletonRows } from "../ui/feedback.tsx";
import { TextField } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";

/** Brings back what somebody deleted between two days: the administrator sees how much, never what. */
export function RecoverMailDialog({ person, onClose }: { person: PersonItem; onClose: () => void }) {
  const t = usePortalText();
  const ui = useUiText();
  const errorText = useErrorText();
  const path = `/api/people/${encodeURIComponent(person.uid)}/deleted-mail`;
  const { data, error, refetch } = useQuery({
    queryKey: ["deleted-mail", person.uid],
    queryFn: ({ signal }) => request<RecoverySummary>(path, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Dialog isOpen onClose={onClose} title={t.recoverMailTitle(person.displayName)}>
      {error && !data && (
        <Banner tone="warn" action={{ label: ui.retry, run: () => void refetch() }}>
          {errorText(error)}
        </Banner>
      )}
      {!data && !error && <SkeletonRows count={2} />}
      {data && data.deleted.length === 0 && (
        <>
          <p className="muted">{t.recoverMailNone(data.days)}</p>
          <div className="acts">
            <Button onPress={onClose}>{ui.close}</Button>
          </div>
        </>
      )}
      {data && data.deleted.length > 0 && <PeriodForm person={person} path={path} summary={data} onClose={onClose} />}
    </Dialog>
  );
}

interface FormProps {
  readonly person: PersonItem;
  readonly path: string;
  readonly summary: RecoverySummary;
  readonly onClose: () => void;
}

function PeriodForm({ person, path, summary, onClose }: FormProps) {
  const t = usePortalText();
  const ui = useUiText();
  const language = useLanguage();
  const errorText = useErrorText();
  const { timeZone } = useSession();
  const { deleted } = summary;
  const [from, setFrom] = useState(deleted.at(-1)?.day ?? "");
  const [to, setTo] = useState(deleted[0]?.day ?? "");
  const isWithin = (day: string) => day >= from && day <= to;
  const count = deleted.reduce((sum, { day, messages }) => sum + (isWithin(day) ? messages : 0), 0);
  const most = Math.max(...deleted.map(({ messages }) => messages));
  const isReversed = from !== "" && to !== "" && from > to;
  const restore = useMutation({
    mutationFn: () => {
      const since = instantAt({ day: from, time: "00:00" }, timeZone);
      const last = instantAt({ day: to, time: "23:59" }, timeZone);
      const until = last && new Date(last.getTime() + 59_999);
      return request<Restored>(path, { method: "POST", body: { since, until } });
    },
    onSuccess: ({ restored }) => {
      toast(t.recovered(restored, person.displayName));
      onClose();
    },
  });
  const refusal = restore.error;
  const isFull = refusal instanceof ApiError && refusal.code === "over_quota";
  return (
    <form
      className="stack stack-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (count > 0 && !restore.isPending) restore.mutate();
      }}
    >
      <p className="muted">{t.recoverMailText(summary.days)}</p>
      <div className="two-days">
        <TextField
          label={t.recoverFrom}
          type="date"
          value={from}
          onChange={setFrom}
          error={isReversed ? t.recoverOrder : null}
        />
        <TextField label={t.recoverTo} type="date" value={to} onChange={setTo} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ul className="deleted-days" aria-label={t.recoverDays} tabIndex={0}>
        {deleted.map(({ day, messages, size }) => (
          <li key={day} data-within={isWithin(day) || undefined}>
            <span className="clip">{formatDay(`${day}T12:00:00Z`, { language, timeZone: "UTC" })}</span>
            <span className="bar" aria-hidden="true">
              <i style={{ width: `${(messages / most) * 100}%` }} />
            </span>
            <span className="small muted">{t.recoverDay(messages, formatBytes(language, size))}</span>
          </li>
        ))}
      </ul>
      {count === 0 && !isReversed && <p className="small muted">{t.recoverEmpty}</p>}
      {refusal && (
        <Note tone="danger" isLive>
          {isFull ? t.recoverNoRoom : errorText(refusal)}
        </Note>
      )}
      <div className="acts">
        <Button onPress={onClose}>{ui.cancel}</Button>
        <Button variant="primary" type="submit" isDisabled={count === 0} isPending={restore.isPending}>
          {t.recoverNow(count)}
        </Button>
      </div>
    </form>
  );
}
