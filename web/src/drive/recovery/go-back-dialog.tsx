import { useId, useMemo, useState } from "react";
import { useSession } from "../../api/session.ts";
import { clockAt, instantAt } from "../../i18n/clock.ts";
import { useDriveRecoveryText } from "../../i18n/drive-recovery.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { DayAndHour } from "../../ui/day-and-hour.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { folderRollback } from "./recovery-queries.ts";
import { RollbackDialog } from "./rollback-dialog.tsx";

interface Props {
  readonly folder: { readonly id: string; readonly name: string };
  readonly onClose: () => void;
}

/** « Revenir à hier 17 h »: a moment is chosen, what changes is shown, then it is done. */
export function GoBackDialog({ folder, onClose }: Props) {
  const t = useDriveRecoveryText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const [at, setAt] = useState<Date | null>(null);
  const source = useMemo(() => at && folderRollback(folder.id, at), [folder.id, at]);
  const title = t.goBackTitle(folder.name);
  if (!source || !at) {
    return (
      <Dialog isOpen onClose={onClose} title={title}>
        <MomentForm onClose={onClose} onPick={setAt} />
      </Dialog>
    );
  }
  const when = formatDateTime(at, { language, timeZone });
  return (
    <RollbackDialog
      title={title}
      source={source}
      intro={t.asOf(when)}
      confirm={t.goBackThen}
      onClose={onClose}
      other={
        <Button variant="ghost" onPress={() => setAt(null)}>
          {t.chooseAgain}
        </Button>
      }
    />
  );
}

function MomentForm({ onClose, onPick }: { onClose: () => void; onPick: (at: Date) => void }) {
  const t = useDriveRecoveryText();
  const { timeZone } = useSession();
  const id = useId();
  const [clock, setClock] = useState(() => yesterdayEvening(timeZone));
  const [error, setError] = useState<string | null>(null);
  const today = clockAt(new Date(), timeZone).day;
  const offers = [
    { label: t.anHourAgo, at: new Date(Date.now() - 3_600_000) },
    { label: t.todayMorning, at: instantAt({ day: today, time: "08:00" }, timeZone) },
    { label: t.yesterdayEvening, at: instantAt(yesterdayEvening(timeZone), timeZone) },
    { label: t.aWeekAgo, at: new Date(Date.now() - 7 * 86_400_000) },
  ].filter((offer) => offer.at && offer.at.getTime() < Date.now());
  return (
    <form
      id={id}
      className="stack stack-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const at = instantAt(clock, timeZone);
        if (at) onPick(at);
        else setError(t.missing);
      }}
    >
      <p className="muted">{t.goBackIntro}</p>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be a field of the form */}
      <div className="go-back-times" role="group" aria-label={t.quick}>
        {offers.map(({ label, at }) => (
          <Button key={label} size="sm" variant="soft" onPress={() => at && onPick(at)}>
            {label}
          </Button>
        ))}
      </div>
      <DayAndHour
        value={clock}
        onChange={(next) => {
          setClock(next);
          setError(null);
        }}
        last={today}
        error={error}
      />
      <div className="acts">
        <Button onPress={onClose}>{t.cancel}</Button>
        <Button variant="primary" type="submit">
          {t.preview}
        </Button>
      </div>
    </form>
  );
}

function yesterdayEvening(timeZone: string) {
  const { day } = clockAt(new Date(Date.now() - 86_400_000), timeZone);
  return { day, time: "17:00" };
}
