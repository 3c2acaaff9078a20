import { CalendarClock, ChevronDown, Moon, Sun, Sunrise } from "lucide-react";
import { useState } from "react";
import { useSession } from "../../api/session.ts";
import { formatDay, formatTime } from "../../i18n/format.ts";
import { useMailLaterText } from "../../i18n/mail-later.ts";
import { useLanguage } from "../../i18n/text.ts";
import { IconButton } from "../../ui/button.tsx";
import { MenuButton, MenuEntry, MenuLine } from "../../ui/menu.tsx";
import { PickTimeDialog } from "./pick-time-dialog.tsx";
import { sendTimes } from "./send-times.ts";

interface Props {
  /** Seconds that a message may wait. */
  readonly most: number;
  readonly isDisabled: boolean;
  readonly onPick: (at: Date) => void;
}

const icons = { tonight: Moon, tomorrow: Sunrise, monday: Sun };

/** The other half of « Envoyer »: at a time that is offered, or another. */
export function SendLaterMenu({ most, isDisabled, onPick }: Props) {
  const t = useMailLaterText();
  const { timeZone } = useSession();
  const language = useLanguage();
  const when = { language, timeZone };
  const [isPicking, setPicking] = useState(false);
  return (
    <>
      <MenuButton
        label={t.choose}
        placement="top start"
        trigger={
          <IconButton variant="primary" className="later" label={t.choose} icon={ChevronDown} isDisabled={isDisabled} />
        }
      >
        {sendTimes(new Date(), timeZone).map(({ id, at }) => (
          <MenuEntry key={id} icon={icons[id]} onAction={() => onPick(at)}>
            {t.offers[id](formatTime(at, when), capital(formatDay(at, when)))}
          </MenuEntry>
        ))}
        <MenuLine />
        <MenuEntry icon={CalendarClock} onAction={() => setPicking(true)}>
          {t.other}
        </MenuEntry>
      </MenuButton>
      <PickTimeDialog isOpen={isPicking} onClose={() => setPicking(false)} most={most} onPick={onPick} />
    </>
  );
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
