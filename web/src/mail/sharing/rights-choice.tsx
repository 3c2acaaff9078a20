import type { MailRight } from "@bouquet/contract/mail-sharing.ts";
import { useMailSharingText } from "../../i18n/mail-sharing.ts";
import { Select } from "../../ui/select.tsx";
import { levelOf, levelsWithin, rightsOf, type Sending, sendingOf } from "./rights.ts";

interface Props {
  /** Of the person or group; undefined while none is chosen. */
  readonly name?: string;
  readonly rights: readonly MailRight[];
  readonly mayGive: readonly MailRight[];
  readonly isDisabled?: boolean;
  readonly onChange: (rights: MailRight[]) => void;
}

/** Rights as two choices in words: how far with the messages, and how to write from the address. */
export function RightsChoice({ name, rights, mayGive, isDisabled = false, onChange }: Props) {
  const t = useMailSharingText();
  const level = levelOf(rights);
  const sending = sendingOf(rights);
  const offered = levelsWithin(mayGive);
  const levels = [...offered, ...(offered.includes(level as (typeof offered)[number]) ? [] : [level])];
  const sendings: Sending[] = ["none", "send_on_behalf", "send_as"];
  const maySend = mayGive.includes("send_as") || sending !== "none";
  return (
    <div className="rights">
      <Select
        label={name === undefined ? t.level : t.levelOf(name)}
        hideLabel
        value={level}
        isDisabled={isDisabled}
        onChange={(next) => next !== level && onChange(rightsOf(next, sending, rights))}
        choices={levels.map((id) => ({ id, label: t.levels[id], detail: t.levelTexts[id] }))}
      />
      {maySend && (
        <Select
          label={name === undefined ? t.sending : t.sendingOf(name)}
          hideLabel
          value={sending}
          isDisabled={isDisabled}
          onChange={(next) => next !== sending && onChange(rightsOf(level, next, rights))}
          choices={sendings.map((id) => ({ id, label: t.sendings[id], detail: t.sendingTexts[id] }))}
        />
      )}
    </div>
  );
}
