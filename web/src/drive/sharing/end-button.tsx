import type { NodeShare } from "@bouquet/contract/drive.ts";
import { CalendarClock } from "lucide-react";
import { type FormEvent, useContext, useState } from "react";
import { OverlayTriggerStateContext } from "react-aria-components";
import { useSession } from "../../api/session.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { PopoverButton } from "../../ui/dialog.tsx";
import { clockOfEnd, endAt } from "./end-clock.ts";
import { EndField } from "./end-field.tsx";

interface Props {
  readonly share: NodeShare;
  readonly isDisabled: boolean;
  readonly onChange: (expiresAt: string | null) => Promise<void>;
}

/** Until when a person or a group has it: asked in a small panel, held once saved. */
export function EndButton({ share, isDisabled, onChange }: Props) {
  const t = useDriveSharingText();
  const label = t.endOf(share.with.name);
  return (
    <PopoverButton
      label={label}
      placement="bottom end"
      trigger={<IconButton size="sm" label={label} icon={CalendarClock} isDisabled={isDisabled} />}
    >
      <EndForm share={share} onChange={onChange} />
    </PopoverButton>
  );
}

function EndForm({ share, onChange }: Omit<Props, "isDisabled">) {
  const t = useDriveText();
  const sharing = useDriveSharingText();
  const ui = useUiText();
  const { timeZone } = useSession();
  const panel = useContext(OverlayTriggerStateContext);
  const [clock, setClock] = useState(() => clockOfEnd(share.expiresAt, timeZone));
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const end = endAt(clock, timeZone);
    if (end !== null && new Date(end) <= new Date()) return setError(t.expiryPast);
    panel?.close();
    void onChange(end);
  };
  return (
    <form className="stack stack-4 end-form" onSubmit={submit} noValidate>
      <EndField
        label={sharing.end}
        value={clock}
        onChange={(next) => {
          setClock(next);
          setError(undefined);
        }}
        hint={sharing.endHint}
        error={error}
      />
      <div className="acts">
        <Button size="sm" onPress={() => panel?.close()}>
          {ui.cancel}
        </Button>
        <Button size="sm" variant="primary" type="submit">
          {sharing.saveEnd}
        </Button>
      </div>
    </form>
  );
}
