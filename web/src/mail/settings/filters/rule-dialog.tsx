import type { FilterRule } from "@bouquet/contract/jmap-filters.ts";
import { Plus } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useMailSettingsText } from "../../../i18n/mail-settings.ts";
import { useUiText } from "../../../i18n/ui.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Note } from "../../../ui/feedback.tsx";
import { Checkbox, TextField } from "../../../ui/field.tsx";
import { SegmentedControl } from "../../../ui/segmented.tsx";
import type { MailAccount } from "../../jmap/accounts.ts";
import { ActionRow } from "./action-row.tsx";
import { ConditionRow } from "./condition-row.tsx";
import { emptyAction, emptyCondition, formToRule, newMailbox, type RuleForm } from "./rule-form.ts";
import { findMistakes } from "./rule-mistakes.ts";
import { rulePatch } from "./rule-query.ts";
import { useCreateFolder } from "./use-create-folder.ts";
import { useMatches } from "./use-matches.ts";
import type { RuleMailboxes } from "./use-rule-mailboxes.ts";

interface Props {
  readonly account: MailAccount;
  readonly mailboxes: RuleMailboxes;
  readonly initial: RuleForm;
  readonly title: string;
  readonly onClose: () => void;
  /** Rejects when the server refuses; the dialog then keeps what was typed. */
  readonly onSave: (rule: FilterRule, appliesNow: boolean) => Promise<void>;
  readonly explain: (error: unknown) => string;
}

/** One rule: when it applies, what it does, and how many messages of the inbox it would have taken. */
export function RuleDialog({ account, mailboxes, initial, title, onClose, onSave, explain }: Props) {
  const text = useMailSettingsText();
  const t = text.filters;
  const ui = useUiText();
  const id = useId();
  const [form, setForm] = useState(initial);
  const [tried, setTried] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isWorking, setWorking] = useState(false);
  const [appliesNow, setAppliesNow] = useState(false);
  const createFolder = useCreateFolder(account.id);
  const mistakes = findMistakes(form);
  const isRight = mistakes.fields.size === 0 && mistakes.rule === null;
  const draft = formToRule(form, mailboxes);
  const isSearchable = form.conditions.every(({ key }) => !mistakes.fields.has(key));
  const matches = useMatches(account.id, isSearchable ? draft : null, mailboxes.inboxId);
  const mayApply = matches !== null && matches > 0 && rulePatch(draft, mailboxes.inboxId ?? "") !== null;
  const change = (part: Partial<RuleForm>) => {
    setForm((now) => ({ ...now, ...part }));
    setProblem(null);
  };
  const errorOf = (key: number): string | null => {
    const mistake = mistakes.fields.get(key);
    return tried && mistake ? t[mistake] : null;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isRight || isWorking) return;
    setWorking(true);
    try {
      const actions = await Promise.all(
        form.actions.map(async (action) => {
          const isNew = (action.kind === "move" || action.kind === "copy") && action.mailboxId === newMailbox;
          if (!isNew) return action;
          const name = action.newName.trim();
          return { ...action, mailboxId: await createFolder(name), mailbox: name };
        }),
      );
      // Kept with its new folder: saving again after a refusal does not make the folder twice.
      setForm((now) => ({ ...now, actions }));
      await onSave(formToRule({ ...form, actions }, mailboxes), appliesNow && mayApply);
      onClose();
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setWorking(false);
    }
  };
  return (
    <Dialog
      isOpen
      isWide
      isDismissable={false}
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onPress={onClose}>{ui.cancel}</Button>
          <Button variant="primary" type="submit" form={id} isPending={isWorking}>
            {text.save}
          </Button>
        </>
      }
    >
      <form id={id} className="rule-form" onSubmit={(event) => void submit(event)} noValidate>
        <fieldset>
          <legend>{t.conditions}</legend>
          {form.conditions.length > 1 && (
            <SegmentedControl
              label={t.match}
              segments={[
                { id: "all", label: t.matchAll },
                { id: "any", label: t.matchAny },
              ]}
              value={form.match}
              onChange={(match) => change({ match })}
            />
          )}
          {form.conditions.map((condition, at) => (
            <ConditionRow
              key={condition.key}
              number={at + 1}
              condition={condition}
              error={errorOf(condition.key)}
              onChange={(next) =>
                change({ conditions: form.conditions.map((each) => (each.key === next.key ? next : each)) })
              }
              onRemove={() => change({ conditions: form.conditions.filter((each) => each.key !== condition.key) })}
            />
          ))}
          {form.conditions.length === 0 && <p className="muted">{t.noCondition}</p>}
          <div>
            <Button
              size="sm"
              variant="ghost"
              icon={Plus}
              onPress={() => change({ conditions: [...form.conditions, emptyCondition()] })}
            >
              {t.addCondition}
            </Button>
          </div>
        </fieldset>
        <fieldset>
          <legend>{t.actions}</legend>
          {form.actions.map((action, at) => (
            <ActionRow
              key={action.key}
              number={at + 1}
              action={action}
              mailboxes={mailboxes}
              error={errorOf(action.key)}
              onChange={(next) =>
                change({ actions: form.actions.map((each) => (each.key === next.key ? next : each)) })
              }
              onRemove={() => change({ actions: form.actions.filter((each) => each.key !== action.key) })}
            />
          ))}
          <div>
            <Button
              size="sm"
              variant="ghost"
              icon={Plus}
              onPress={() => change({ actions: [...form.actions, emptyAction()] })}
            >
              {t.addAction}
            </Button>
          </div>
          <Checkbox isSelected={form.stops} onChange={(stops) => change({ stops })}>
            {t.stop}
          </Checkbox>
        </fieldset>
        <TextField label={t.name} value={form.name} onChange={(name) => change({ name })} maxLength={200} />
        {matches !== null && form.conditions.length > 0 && (
          <div className="rule-matches" role="status">
            <p>{t.wouldMatch(matches)}</p>
            {mayApply && (
              <Checkbox isSelected={appliesNow} onChange={setAppliesNow}>
                {t.applyNow}
              </Checkbox>
            )}
          </div>
        )}
        {tried && mistakes.rule && (
          <Note tone="danger" isLive>
            {t[mistakes.rule]}
          </Note>
        )}
        {problem && (
          <Note tone="danger" isLive>
            {problem}
          </Note>
        )}
      </form>
    </Dialog>
  );
}
