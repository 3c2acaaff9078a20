import type { FilterRule } from "@bouquet/contract/jmap-filters.ts";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useMailSettingsText } from "../../../i18n/mail-settings.ts";
import { useLanguage } from "../../../i18n/text.ts";
import { useUiText } from "../../../i18n/ui.ts";
import { announce } from "../../../ui/announcer.tsx";
import { Button } from "../../../ui/button.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { Note } from "../../../ui/feedback.tsx";
import { toast, toastProblem, toastWithUndo } from "../../../ui/toast.tsx";
import type { MailAccount } from "../../jmap/accounts.ts";
import { useFilterErrorText, useFiltersAsChanged, useSaveFilters } from "../filters-query.ts";
import { useMayManage } from "../forward-query.ts";
import { Reading, SectionHead } from "../section-parts.tsx";
import { OtherScripts } from "./other-scripts.tsx";
import { RuleDialog } from "./rule-dialog.tsx";
import { emptyRule, type RuleForm, ruleToForm } from "./rule-form.ts";
import { continueRule, keysOfRules, placeOf, replaceRule } from "./rule-identity.ts";
import { RuleLine } from "./rule-line.tsx";
import { applyRule, ruleFilter, rulePatch } from "./rule-query.ts";
import { describeRule } from "./rule-words.ts";
import { ScriptSection } from "./script-section.tsx";
import { useRuleMailboxes } from "./use-rule-mailboxes.ts";

/** The rules of a mailbox in the order they are tried, or the script that a person wrote in their place. */
export function FiltersSection({ account }: { account: MailAccount }) {
  const t = useMailSettingsText();
  const query = useFiltersAsChanged(account.id);
  const mayManage = useMayManage(account);
  const [editing, setEditing] = useState<Editing | null>(null);
  const isScript = query.data?.kind === "script";
  const hasRules = (query.data?.rules?.rules.length ?? 0) > 0;
  const create = (
    <Button variant="primary" icon={Plus} onPress={() => setEditing({ form: emptyRule(), replaces: null })}>
      {t.filters.create}
    </Button>
  );
  return (
    <section aria-labelledby="mset-title">
      <SectionHead
        title={t.sections.filters}
        lead={isScript ? t.filters.scriptLead : t.filters.lead}
        action={mayManage && !isScript && hasRules ? create : undefined}
      />
      {!mayManage && <Note>{t.noRight}</Note>}
      <Reading query={query}>
        {(state) =>
          state.kind === "script" ? (
            <ScriptSection account={account} name={state.scriptName ?? ""} isReadOnly={!mayManage} />
          ) : (
            <>
              {hasRules ? (
                <RuleList
                  account={account}
                  rules={state.rules?.rules ?? []}
                  isReadOnly={!mayManage}
                  onEdit={setEditing}
                />
              ) : (
                <EmptyState drawing="folder" level={2} title={t.filters.emptyTitle} action={mayManage && create}>
                  {t.filters.emptyText}
                </EmptyState>
              )}
              {mayManage && <OtherScripts account={account} />}
            </>
          )
        }
      </Reading>
      {editing && <EditRule account={account} editing={editing} onClose={() => setEditing(null)} />}
    </section>
  );
}

interface Editing {
  readonly form: RuleForm;
  /** Null: a new one. */
  readonly replaces: FilterRule | null;
}

function EditRule({ account, editing, onClose }: { account: MailAccount; editing: Editing; onClose: () => void }) {
  const text = useMailSettingsText();
  const t = text.filters;
  const mailboxes = useRuleMailboxes(account.id);
  const save = useSaveFilters(account.id, { saysProblem: false });
  const explain = useFilterErrorText();
  const apply = useApply(account);
  const { form, replaces } = editing;
  return (
    <RuleDialog
      account={account}
      mailboxes={mailboxes}
      initial={form}
      title={replaces ? t.editTitle : t.createTitle}
      onClose={onClose}
      explain={explain}
      onSave={async (rule, appliesNow) => {
        await save.mutateAsync((rules) => {
          if (replaces) continueRule(replaces, rule);
          const isThere = replaces !== null && placeOf(rules.rules, replaces) >= 0;
          const next = isThere ? replaceRule(rules.rules, replaces, rule) : [...rules.rules, rule];
          return { ...rules, rules: next };
        });
        if (appliesNow) void apply(rule);
        else toast(text.saved);
      }}
    />
  );
}

function useApply(account: MailAccount) {
  const { filters: t } = useMailSettingsText();
  const explain = useFilterErrorText();
  const { inboxId } = useRuleMailboxes(account.id);
  return async (rule: FilterRule) => {
    if (inboxId === undefined) return;
    try {
      toast(t.applied(await applyRule(account.id, rule, inboxId)));
    } catch (error) {
      toastProblem(explain(error));
    }
  };
}

interface ListProps {
  readonly account: MailAccount;
  readonly rules: readonly FilterRule[];
  readonly isReadOnly: boolean;
  readonly onEdit: (editing: Editing) => void;
}

function RuleList({ account, rules, isReadOnly, onEdit }: ListProps) {
  const { filters: t } = useMailSettingsText();
  const ui = useUiText();
  const language = useLanguage();
  const mailboxes = useRuleMailboxes(account.id);
  const save = useSaveFilters(account.id);
  const apply = useApply(account);
  const { inboxId, trashId, nameOf } = mailboxes;
  const lines = keysOfRules(rules);
  const change = (work: (list: FilterRule[]) => FilterRule[]) =>
    save.mutate((current) => ({ ...current, rules: work(current.rules) }));
  const move = (rule: FilterRule, by: -1 | 1) => {
    const at = rules.indexOf(rule);
    const to = at + by;
    if (at < 0 || to < 0 || to >= rules.length) return;
    change((list) => {
      const from = placeOf(list, rule);
      return from < 0 ? list : list.toSpliced(from, 1).toSpliced(from + by, 0, rule);
    });
    announce(t.moved(String(to + 1), String(rules.length)));
  };
  const remove = (rule: FilterRule, at: number) => {
    change((list) => replaceRule(list, rule));
    toastWithUndo(t.removed, ui.undo, () => change((list) => list.toSpliced(Math.min(at, list.length), 0, rule)));
  };
  return (
    <ol className="mset-lines rules" aria-label={t.list}>
      {rules.map((rule, at) => (
        <RuleLine
          key={lines[at]}
          rule={rule}
          number={at + 1}
          isReadOnly={isReadOnly}
          isFirst={at === 0}
          isLast={at === rules.length - 1}
          words={describeRule(rule, { t, language, trashId, nameOf })}
          onToggle={(isEnabled) => change((list) => replaceRule(list, rule, { ...rule, isEnabled }))}
          onEdit={() => onEdit({ form: ruleToForm(rule, trashId), replaces: rule })}
          onMove={(by) => move(rule, by)}
          onDuplicate={() => onEdit({ form: ruleToForm(rule, trashId), replaces: null })}
          onApply={
            inboxId !== undefined && ruleFilter(rule, inboxId) && rulePatch(rule, inboxId)
              ? () => void apply(rule)
              : null
          }
          onRemove={() => remove(rule, at)}
        />
      ))}
    </ol>
  );
}
