import "./sharing.css";
import type { ReactNode } from "react";
import { useSession } from "../../api/session.ts";
import { type ClockTime, clockAt } from "../../i18n/clock.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { Button } from "../../ui/button.tsx";
import { DayAndHour } from "../../ui/day-and-hour.tsx";
import { later } from "./end-clock.ts";

interface Props {
  readonly label: string;
  readonly value: ClockTime;
  readonly onChange: (value: ClockTime) => void;
  /** While there is no day. */
  readonly hint: ReactNode;
  readonly error?: string | undefined;
}

/** Until when, to the hour, with the usual lengths beside it. */
export function EndField({ label, value, onChange, hint, error }: Props) {
  const t = useDriveText();
  const { timeZone } = useSession();
  const today = clockAt(new Date(), timeZone).day;
  const steps = [
    [t.week, { days: 7 }],
    [t.month, { months: 1 }],
    [t.quarter, { months: 3 }],
  ] as const;
  return (
    <div className="stack">
      <DayAndHour
        label={label}
        value={value}
        onChange={onChange}
        first={today}
        isOptional
        hint={value.day === "" ? hint : undefined}
        error={error}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be a field of the form */}
      <div className="row wrap-row" role="group" aria-label={t.expiryQuick}>
        {steps.map(([name, step]) => (
          <Button key={name} size="sm" onPress={() => onChange({ ...value, day: later(today, step) })}>
            {name}
          </Button>
        ))}
        {value.day !== "" && (
          <Button size="sm" variant="ghost" onPress={() => onChange({ day: "", time: "" })}>
            {t.expiryNone}
          </Button>
        )}
      </div>
    </div>
  );
}
