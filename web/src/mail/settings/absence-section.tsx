import type { FilterRules, VacationRule } from "@bouquet/contract/jmap-filters.ts";
import { type FormEvent, useState } from "react";
import { useSession } from "../../api/session.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { Switch, TextAreaField, TextField } from "../../ui/field.tsx";
import { StateDot } from "../../ui/marks.tsx";
import { Select } from "../../ui/select.tsx";
import { toast } from "../../ui/toast.tsx";
import type { MailAccount } from "../jmap/accounts.ts";
import { absenceState, fromLocalTime, longMoment, toLocalTime } from "./absence.ts";
import { useFilterErrorText, useFilters, useSaveFilters } from "./filters-query.ts";
import { useMayManage } from "./forward-query.ts";
import { Reading, ScriptHere, SectionHead } from "./section-parts.tsx";

/** The answer of somebody who is away. */
export function AbsenceSection({ account }: { account: MailAccount }) {
  const t = useMailSettingsText();
  const filters = useFilters(account.id);
  const mayManage = useMayManage(account);
  return (
    <section aria-labelledby="mset-title">
      <SectionHead title={t.sections.absence} lead={t.absence.lead} />
      <Reading query={filters}>
        {(state) =>
          state.kind === "script" ? (
            <ScriptHere />
          ) : !mayManage ? (
            <Note>{t.noRight}</Note>
          ) : (
            <AbsenceForm key={state.rules?.vacation ? "some" : "none"} account={account} rules={state.rules} />
          )
        }
      </Reading>
    </section>
  );
}

const everyDays = ["1", "3", "7", "14", "30"] as const;

function AbsenceForm({ account, rules }: { account: MailAccount; rules: FilterRules | null }) {
  const t = useMailSettingsText();
  const a = t.absence;
  const { person, timeZone } = useSession();
  const save = useSaveFilters(account.id, { saysProblem: false });
  const explain = useFilterErrorText();
  const known = rules?.vacation ?? null;
  const [isEnabled, setEnabled] = useState(known?.isEnabled ?? false);
  const [from, setFrom] = useState(toLocalTime(known?.from ?? null, timeZone));
  const [until, setUntil] = useState(toLocalTime(known?.until ?? null, timeZone));
  const [subject, setSubject] = useState(known?.subject ?? "");
  const [text, setText] = useState(known?.text ?? a.sample(account.isOwn ? person.displayName : account.name));
  const [days, setDays] = useState(String(known?.days ?? 7));
  const [tried, setTried] = useState(false);
  const start = fromLocalTime(from, timeZone);
  const end = fromLocalTime(until, timeZone);
  const endsFirst = start !== null && end !== null && start >= end;
  const textMissing = text.trim() === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (endsFirst || textMissing) return;
    const vacation: VacationRule = {
      isEnabled,
      from: start,
      until: end,
      subject: subject.trim() === "" ? null : subject.trim(),
      text: text.replaceAll("\r\n", "\n"),
      html: null,
      days: Number(days),
    };
    save.mutate((current) => ({ ...current, vacation }), { onSuccess: () => toast(t.saved) });
  };
  const choices = [...new Set([...everyDays, days])].sort((x, y) => Number(x) - Number(y));
  return (
    <form className="mset-form" onSubmit={submit} noValidate>
      {known && <AbsenceWords rule={known} />}
      <Switch isSelected={isEnabled} onChange={setEnabled}>
        {a.on}
      </Switch>
      <div className="pair">
        <TextField label={a.from} hint={a.fromHint} type="datetime-local" value={from} onChange={setFrom} />
        <TextField
          label={a.until}
          hint={a.untilHint}
          type="datetime-local"
          value={until}
          onChange={setUntil}
          error={tried && endsFirst ? a.endsFirst : null}
        />
      </div>
      <TextField label={a.subject} hint={a.subjectHint} value={subject} onChange={setSubject} maxLength={500} />
      <TextAreaField
        label={a.text}
        rows={8}
        value={text}
        onChange={setText}
        maxLength={20_000}
        error={tried && textMissing ? a.textNeeded : null}
      />
      {known?.html && <Note>{a.html}</Note>}
      <div className="narrow">
        <Select
          label={a.days}
          choices={choices.map((each) => ({ id: each, label: each === "1" ? a.everyDay : a.everyDays(each) }))}
          value={days}
          onChange={setDays}
        />
      </div>
      {save.error && (
        <Note tone="danger" isLive>
          {explain(save.error)}
        </Note>
      )}
      <div>
        <Button variant="primary" type="submit" isPending={save.isPending}>
          {t.save}
        </Button>
      </div>
    </form>
  );
}

function AbsenceWords({ rule }: { rule: VacationRule }) {
  const { absence: a } = useMailSettingsText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const state = absenceState(rule, Date.now());
  const when = (moment: string | null) => (moment === null ? "" : longMoment(moment, { language, timeZone }));
  if (state === "off") return <StateDot tone="off">{a.off}</StateDot>;
  if (state === "over") return <StateDot tone="off">{a.over(when(rule.until))}</StateDot>;
  if (state === "planned") return <StateDot tone="warn">{a.planned(when(rule.from))}</StateDot>;
  return <StateDot tone="ok">{rule.until === null ? a.active : a.activeUntil(when(rule.until))}</StateDot>;
}
