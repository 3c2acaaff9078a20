import { CalendarClock, ChevronDown, Moon, Sun, Sunrise } from "lucide-react";
import { useState } from "react";
import { useSession } from "../../api/session.ts";
import { useMailLaterText } from "../../i18n/mail-later.ts";
import { IconButton } from "../../ui/button.tsx";
import { MenuButton, MenuEntry, MenuLine } from "../../ui/menu.tsx";
import { PickTimeDialog } from "./pick-time-dialog.tsx";
import { sendTimes } from "./send-times.ts";
import { useLaterWords } from "./use-later-words.ts";

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
  const words = useLaterWords();
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
            {t.offer(t[id], words(at))}
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
