import "./field.css";
import "./overlay.css";
import "./collections.css";
import { Check, ChevronDown, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  ComboBox as AriaComboBox,
  Select as AriaSelect,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
} from "react-aria-components";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";

export interface Choice<K extends string = string> {
  readonly id: K;
  readonly label: string;
  readonly detail?: string;
}

interface Common<K extends string> {
  readonly label: string;
  readonly choices: readonly Choice<K>[];
  readonly value: K | null;
  readonly onChange: (value: K) => void;
  readonly hint?: ReactNode;
  readonly hideLabel?: boolean;
  readonly isDisabled?: boolean;
  /** Stands there while nothing is chosen. */
  readonly placeholder?: string;
}

function Options<K extends string>({ choices }: { choices: readonly Choice<K>[] }) {
  return (
    <ListBox className="list-pop" items={choices}>
      {(choice) => (
        <ListBoxItem id={choice.id} textValue={choice.label} className="opt">
          <span className="grow">
            {choice.label}
            {choice.detail && <span className="small muted"> {choice.detail}</span>}
          </span>
          <Icon of={Check} size="sm" className="tick" />
        </ListBoxItem>
      )}
    </ListBox>
  );
}

/** One choice among a few. */
export function Select<K extends string>(props: Common<K>) {
  const { label, choices, value, onChange, hint, hideLabel, isDisabled, placeholder } = props;
  return (
    <AriaSelect
      className="field"
      value={value}
      onChange={(key) => key !== null && onChange(key as K)}
      isDisabled={isDisabled}
    >
      <Label className={cx("lab", hideLabel && "vh")}>{label}</Label>
      <AriaButton className="input select-btn">
        <SelectValue className="clip">
          {({ selectedText }) => selectedText || <span className="muted">{placeholder}</span>}
        </SelectValue>
        <Icon of={ChevronDown} size="sm" />
      </AriaButton>
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <Popover className="pop match">
        <Options choices={choices} />
      </Popover>
    </AriaSelect>
  );
}

/** One choice among many, found by typing. */
export function ComboBox<K extends string>({
  label,
  choices,
  value,
  onChange,
  hint,
  hideLabel,
  isDisabled,
}: Common<K>) {
  return (
    <AriaComboBox
      className="field"
      defaultItems={choices}
      value={value}
      onChange={(key) => key !== null && onChange(key as K)}
      isDisabled={isDisabled}
      menuTrigger="focus"
    >
      <Label className={cx("lab", hideLabel && "vh")}>{label}</Label>
      <div className="with-end">
        <Input className="input" />
        <div className="end">
          <AriaButton className="btn icon ghost sm">
            <Icon of={ChevronsUpDown} size="sm" />
          </AriaButton>
        </div>
      </div>
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <Popover className="pop match">
        <ListBox className="list-pop">
          {(choice: Choice<K>) => (
            <ListBoxItem id={choice.id} textValue={choice.label} className="opt">
              <span className="grow">{choice.label}</span>
              <Icon of={Check} size="sm" className="tick" />
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaComboBox>
  );
}
