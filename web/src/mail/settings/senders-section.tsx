import type { SenderRule } from "@bouquet/contract/mail-screening.ts";
import { AtSign, Ban, CircleCheck, Globe } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { useErrorText } from "../../api/error-text.ts";
import { ApiError } from "../../api/http.ts";
import { useSession } from "../../api/session.ts";
import { formatDateInSentence } from "../../i18n/format.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { SearchField, TextField } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Chip } from "../../ui/marks.tsx";
import { Select } from "../../ui/select.tsx";
import type { MailAccount } from "../jmap/accounts.ts";
import { Reading, ScopeChoice, type ScreeningScope, SectionHead } from "./section-parts.tsx";
import { useChangeSenderRules, useSenderRules } from "./sender-rules.ts";

/** From how many entries on the lists are worth searching. */
const searchableFrom = 12;

/** Who is blocked and who is always allowed. */
export function SendersSection({ account }: { account: MailAccount }) {
  const t = useMailSettingsText();
  const s = t.senders;
  const [scope, setScope] = useState<ScreeningScope>("mine");
  const [search, setSearch] = useState("");
  const query = useSenderRules(scope, account.id);
  const { remove } = useChangeSenderRules(scope, account.id);
  return (
    <section aria-labelledby="mset-title">
      <SectionHead title={t.sections.senders} lead={scope === "all" ? `${s.lead} ${s.leadAll}` : s.lead} />
      <ScopeChoice value={scope} onChange={setScope} />
      <AddSender key={scope} account={account} scope={scope} />
      <Reading query={query}>
        {({ rules }) => {
          const sought = search.trim().toLowerCase();
          const found = rules.filter((rule) => rule.pattern.includes(sought));
          return (
            <>
              {rules.length >= searchableFrom && <SearchField label={s.find} value={search} onChange={setSearch} />}
              {(["block", "allow"] as const).map((kind) => (
                <div key={kind} className="stack stack-3">
                  <h2 id={`senders-${kind}`}>
                    <Icon of={kind === "block" ? Ban : CircleCheck} />
                    {kind === "block" ? s.blocked : s.allowed}
                  </h2>
                  <SenderList
                    labelledBy={`senders-${kind}`}
                    rules={found.filter((rule) => rule.kind === kind)}
                    empty={sought !== "" ? s.foundNone : kind === "block" ? s.noneBlocked : s.noneAllowed}
                    onRemove={(rule) => remove.mutate(rule)}
                  />
                </div>
              ))}
            </>
          );
        }}
      </Reading>
    </section>
  );
}

function AddSender({ account, scope }: { account: MailAccount; scope: ScreeningScope }) {
  const t = useMailSettingsText();
  const s = t.senders;
  const errorText = useErrorText();
  const { add } = useChangeSenderRules(scope, account.id);
  const [pattern, setPattern] = useState("");
  const [kind, setKind] = useState<SenderRule["kind"]>("block");
  const [tried, setTried] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const problem = !add.error
    ? null
    : add.error instanceof ApiError && add.error.code === "bad_request"
      ? s.needPattern
      : errorText(add.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (pattern.trim() === "") return input.current?.focus();
    add.mutate(
      { kind, pattern: pattern.trim() },
      {
        onSuccess: () => {
          setPattern("");
          setTried(false);
          input.current?.focus();
        },
        onError: () => input.current?.focus(),
      },
    );
  };
  return (
    <form className="add-sender" onSubmit={submit} noValidate>
      <TextField
        label={s.pattern}
        hint={s.patternHint}
        value={pattern}
        onChange={(next) => {
          setPattern(next);
          add.reset();
        }}
        maxLength={320}
        autoComplete="off"
        spellCheck="false"
        error={tried && pattern.trim() === "" ? s.needPattern : problem}
        inputRef={input}
      />
      <Select
        label={s.kind}
        choices={[
          { id: "block", label: s.block },
          { id: "allow", label: s.allow },
        ]}
        value={kind}
        onChange={setKind}
      />
      <Button variant="primary" type="submit" isPending={add.isPending}>
        {s.add}
      </Button>
    </form>
  );
}

interface ListProps {
  readonly labelledBy: string;
  readonly rules: readonly SenderRule[];
  readonly empty: string;
  readonly onRemove: (rule: SenderRule) => void;
}

function SenderList({ labelledBy, rules, empty, onRemove }: ListProps) {
  const { senders: s } = useMailSettingsText();
  const language = useLanguage();
  const { timeZone } = useSession();
  if (rules.length === 0) return <Note>{empty}</Note>;
  return (
    <ul className="mset-lines" aria-labelledby={labelledBy}>
      {rules.map((rule) => {
        const isDomain = !rule.pattern.includes("@");
        return (
          <li key={rule.id}>
            <Icon of={isDomain ? Globe : AtSign} />
            <div className="grow">
              <p className="row wrap-row" style={{ rowGap: 2 }}>
                <span className="strong clip">{rule.pattern}</span>
                {isDomain && <Chip>{s.domain}</Chip>}
              </p>
              <p className="small muted">{s.since(formatDateInSentence(rule.createdAt, { language, timeZone }))}</p>
            </div>
            <Button size="sm" onPress={() => onRemove(rule)} aria-label={s.removeOf(rule.pattern)}>
              {s.remove}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
