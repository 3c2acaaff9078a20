import "./field.css";
import { CircleAlert, Eye, EyeOff, Search, X } from "lucide-react";
import { type ReactNode, type Ref, useId, useState } from "react";
import {
  Button as AriaButton,
  SearchField as AriaSearchField,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
} from "react-aria-components";
import { useUiText } from "../i18n/ui.ts";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";

interface Common extends Omit<AriaTextFieldProps, "className" | "children"> {
  readonly label: string;
  readonly hint?: ReactNode;
  /** Says what to do; its presence marks the field as wrong. */
  readonly error?: string | null | undefined;
  readonly placeholder?: string;
  readonly size?: "md" | "lg";
  /** Keeps the label for screen readers only. */
  readonly hideLabel?: boolean;
  readonly inputRef?: Ref<HTMLInputElement>;
}

function Frame({ label, hint, error, hideLabel, children, ...rest }: Common & { children: ReactNode }) {
  const { placeholder: _p, size: _s, inputRef: _r, ...field } = rest;
  return (
    <AriaTextField {...field} isInvalid={Boolean(error)} validationBehavior="aria" className="field">
      <Label className={cx(hideLabel && "vh")}>{label}</Label>
      {children}
      {hint && !error && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldMistake error={error} />
    </AriaTextField>
  );
}

function FieldMistake({ error }: { error: string | null | undefined }) {
  if (!error) return null;
  return (
    <FieldError className="err">
      <Icon of={CircleAlert} size="sm" />
      <span>{error}</span>
    </FieldError>
  );
}

/** One line of text with its label, hint and error. Keeps what was typed when there is an error. */
export function TextField(props: Common) {
  return (
    <Frame {...props}>
      <Input
        ref={props.inputRef}
        className={cx("input", props.size === "lg" && "lg")}
        placeholder={props.placeholder}
      />
    </Frame>
  );
}

/** A password that can be shown; autocomplete is the caller's (`current-password` or `new-password`). */
export function PasswordField(props: Common) {
  const t = useUiText();
  const [shown, show] = useState(false);
  return (
    <Frame {...props} type={shown ? "text" : "password"}>
      <div className="with-end">
        <Input
          ref={props.inputRef}
          className={cx("input", props.size === "lg" && "lg")}
          placeholder={props.placeholder}
          spellCheck="false"
          autoCapitalize="off"
        />
        <div className="end">
          <AriaButton
            type="button"
            className="btn icon ghost sm"
            aria-label={shown ? t.hidePassword : t.showPassword}
            onPress={() => show(!shown)}
          >
            <Icon of={shown ? EyeOff : Eye} />
          </AriaButton>
        </div>
      </div>
    </Frame>
  );
}

/** Several lines of text. */
export function TextAreaField(props: Common & { readonly rows?: number }) {
  const { rows = 4, ...rest } = props;
  return (
    <Frame {...rest}>
      <TextArea className="input" rows={rows} placeholder={props.placeholder} />
    </Frame>
  );
}

interface SearchProps {
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onSubmit?: (value: string) => void;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** The search of the head. Escape clears it. */
export function SearchField({ label, placeholder, value, onChange, onSubmit, inputRef }: SearchProps) {
  const t = useUiText();
  return (
    <AriaSearchField className="search" aria-label={label} value={value} onChange={onChange} onSubmit={onSubmit}>
      <Icon of={Search} />
      <Input ref={inputRef} placeholder={placeholder ?? label} />
      <AriaButton className="btn icon ghost sm" aria-label={t.clearSearch}>
        <Icon of={X} size="sm" />
      </AriaButton>
    </AriaSearchField>
  );
}

interface CheckProps {
  readonly children: ReactNode;
  readonly isSelected?: boolean;
  readonly defaultSelected?: boolean;
  readonly isIndeterminate?: boolean;
  readonly isDisabled?: boolean;
  readonly onChange?: (selected: boolean) => void;
  readonly name?: string;
  readonly hint?: ReactNode;
  /** Keeps the label for screen readers only (rows of a table). */
  readonly hideLabel?: boolean;
}

/** The native box, in the suite's drawing. */
export function Checkbox(props: CheckProps) {
  return <Check {...props} />;
}

/** On or off at once, without a button to confirm. */
export function Switch(props: Omit<CheckProps, "isIndeterminate">) {
  return <Check {...props} isSwitch />;
}

function Check({
  children,
  isSelected,
  defaultSelected,
  isIndeterminate,
  isDisabled,
  onChange,
  name,
  hint,
  hideLabel,
  isSwitch,
}: CheckProps & { isSwitch?: boolean }) {
  const id = useId();
  return (
    <div className={cx("check", hint !== undefined && "top")}>
      <input
        id={id}
        type="checkbox"
        role={isSwitch ? "switch" : undefined}
        className={isSwitch ? "switch" : undefined}
        name={name}
        checked={isSelected}
        defaultChecked={defaultSelected}
        disabled={isDisabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        ref={(box) => {
          if (box) box.indeterminate = isIndeterminate ?? false;
        }}
        onChange={(event) => onChange?.(event.target.checked)}
      />
      <span className="stack" style={{ gap: 2 }}>
        <label htmlFor={id} className={cx(hideLabel && "vh")}>
          {children}
        </label>
        {hint && (
          <span id={`${id}-hint`} className="small muted">
            {hint}
          </span>
        )}
      </span>
    </div>
  );
}
