import "./field.css";
import type { ReactNode } from "react";
import type { ClockTime } from "../i18n/clock.ts";
import { useUiText } from "../i18n/ui.ts";
import { TextField } from "./field.tsx";

interface Props {
  readonly value: ClockTime;
  readonly onChange: (value: ClockTime) => void;
  /** Of the day; « Jour » when absent. */
  readonly label?: string;
  /** Days beyond these are grey in the browser's calendar. */
  readonly first?: string;
  readonly last?: string;
  readonly hint?: ReactNode;
  readonly error?: string | null | undefined;
  /** Without a day there is no hour. */
  readonly isOptional?: boolean;
}

/** A day and an hour on somebody's clock, in the browser's own fields. */
export function DayAndHour({ value, onChange, label, first, last, hint, error, isOptional = false }: Props) {
  const t = useUiText();
  return (
    <div className="day-hour">
      <TextField
        label={label ?? t.day}
        type="date"
        value={value.day}
        onChange={(day) => onChange({ ...value, day })}
        hint={hint}
        error={error}
        inputRef={(input) => {
          // Not properties that the field passes on.
          if (input) Object.assign(input, { min: first ?? "", max: last ?? "" });
        }}
      />
      {(!isOptional || value.day !== "") && (
        <TextField label={t.hour} type="time" value={value.time} onChange={(time) => onChange({ ...value, time })} />
      )}
    </div>
  );
}
