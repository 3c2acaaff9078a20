import { useSession } from "../../api/session.ts";
import { clockAt } from "../../i18n/clock.ts";
import { formatDay, formatTime } from "../../i18n/format.ts";
import { useMailLaterText } from "../../i18n/mail-later.ts";
import { useLanguage } from "../../i18n/text.ts";

/** « demain à 8:00 », « le lundi 30 novembre à 8:00 » */
export function useLaterWords(): (instant: Date | string) => string {
  const t = useMailLaterText();
  const language = useLanguage();
  const { timeZone } = useSession();
  return (instant) => {
    const dayOf = (date: Date) => Date.parse(clockAt(date, timeZone).day);
    const days = Math.round((dayOf(new Date(instant)) - dayOf(new Date())) / 86_400_000);
    const when = { language, timeZone };
    const day = days === 0 ? t.today : days === 1 ? t.tomorrowWord : t.onDay(formatDay(instant, when));
    return t.at(day, formatTime(instant, when));
  };
}
