import { useId, useState } from "react";
import { useSession } from "../../api/session.ts";
import { clockAt, instantAt } from "../../i18n/clock.ts";
import { useMailLaterText } from "../../i18n/mail-later.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Button } from "../../ui/button.tsx";
import { DayAndHour } from "../../ui/day-and-hour.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { sendTimes } from "./send-times.ts";

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Seconds from now. */
  readonly most: number;
  readonly start?: Date | undefined;
  readonly onPick: (at: Date) => void;
}

/** A day and an hour at which a message is to leave, on the clock of the person. */
export function PickTimeDialog({ isOpen, onClose, ...rest }: Props) {
  const t = useMailLaterText();
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t.pickTitle}>
      <PickTimeForm onClose={onClose} {...rest} />
    </Dialog>
  );
}

function PickTimeForm({ onClose, most, start, onPick }: Omit<Props, "isOpen">) {
  const t = useMailLaterText();
  const ui = useUiText();
  const { timeZone } = useSession();
  const id = useId();
  const [clock, setClock] = useState(() => {
    const offered = sendTimes(new Date(), timeZone).find((each) => each.id === "tomorrow")?.at;
    return clockAt(start ?? offered ?? new Date(), timeZone);
  });
  const [error, setError] = useState<string | null>(null);
  const today = clockAt(new Date(), timeZone).day;
  const last = clockAt(new Date(Date.now() + most * 1000), timeZone).day;
  const submit = () => {
    const at = instantAt(clock, timeZone);
    if (!at) return setError(t.missing);
    const wait = at.getTime() - Date.now();
    if (wait < 60_000) return setError(t.past);
    if (wait > (most - 60) * 1000) return setError(t.tooFar(Math.floor(most / 86_400)));
    onPick(at);
    onClose();
  };
  return (
    <form
      id={id}
      className="stack stack-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p className="muted">{t.pickText}</p>
      <DayAndHour
        value={clock}
        onChange={(next) => {
          setClock(next);
          setError(null);
        }}
        first={today}
        last={last}
        error={error}
      />
      <div className="acts">
        <Button onPress={onClose}>{ui.cancel}</Button>
        <Button variant="primary" type="submit">
          {t.schedule}
        </Button>
      </div>
    </form>
  );
}
