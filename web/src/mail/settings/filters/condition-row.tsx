import { X } from "lucide-react";
import { useMailSettingsText } from "../../../i18n/mail-settings.ts";
import { IconButton } from "../../../ui/button.tsx";
import { TextField } from "../../../ui/field.tsx";
import { Select } from "../../../ui/select.tsx";
import { type ConditionForm, conditionFields, textOperators } from "./rule-form.ts";

interface Props {
  readonly number: number;
  readonly condition: ConditionForm;
  readonly error: string | null;
  readonly onChange: (condition: ConditionForm) => void;
  readonly onRemove: () => void;
}

/** « L’expéditeur | contient | … »; the fields that stand there depend on the first. */
export function ConditionRow({ number, condition, error, onChange, onRemove }: Props) {
  const { filters: t } = useMailSettingsText();
  const change = (part: Partial<ConditionForm>) => onChange({ ...condition, ...part });
  const { field } = condition;
  const isText = field !== "attachment" && field !== "list" && field !== "size";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend would be drawn; the number is for screen readers
    <div className="rule-row" role="group" aria-label={t.condition(String(number))}>
      <Select
        label={t.field}
        hideLabel
        choices={conditionFields.map((id) => ({ id, label: t.fields[id] }))}
        value={field}
        onChange={(next) => change({ field: next })}
      />
      {isText && (
        <Select
          label={t.operator}
          hideLabel
          choices={textOperators.map((id) => ({ id, label: t.operators[id] }))}
          value={condition.operator}
          onChange={(operator) => change({ operator })}
        />
      )}
      {field === "size" && (
        <Select
          label={t.operator}
          hideLabel
          choices={[
            { id: "over", label: t.over },
            { id: "under", label: t.under },
          ]}
          value={condition.sizeOperator}
          onChange={(sizeOperator) => change({ sizeOperator })}
        />
      )}
      {(field === "attachment" || field === "list") && (
        <Select
          label={t.operator}
          hideLabel
          choices={[
            { id: "yes", label: field === "list" ? t.fromList : t.has },
            { id: "no", label: field === "list" ? t.notFromList : t.hasNot },
          ]}
          value={condition.isThere ? "yes" : "no"}
          onChange={(answer) => change({ isThere: answer === "yes" })}
        />
      )}
      {field === "size" && (
        <TextField
          label={t.megabytes}
          hideLabel
          inputMode="decimal"
          placeholder={t.megabytes}
          value={condition.megabytes}
          onChange={(megabytes) => change({ megabytes })}
          error={error}
        />
      )}
      {isText && (
        <div className="rule-values">
          {field === "header" && (
            <TextField
              label={t.header}
              hideLabel
              placeholder={t.header}
              value={condition.header}
              onChange={(header) => change({ header })}
              maxLength={200}
              spellCheck="false"
            />
          )}
          <TextField
            label={t.value}
            hideLabel
            placeholder={t.value}
            value={condition.value}
            onChange={(value) => change({ value })}
            error={error}
            maxLength={1000}
            autoComplete="off"
          />
        </div>
      )}
      <IconButton className="rule-x" label={t.removeCondition(String(number))} icon={X} onPress={onRemove} />
    </div>
  );
}
