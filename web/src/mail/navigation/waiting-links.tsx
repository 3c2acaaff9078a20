import { Link } from "@tanstack/react-router";
import { CalendarClock, MailQuestionMark } from "lucide-react";
import { useMailLaterText } from "../../i18n/mail-later.ts";
import { useMailModerationText } from "../../i18n/mail-moderation.ts";
import { Icon, type LucideIcon } from "../../ui/icon.tsx";
import { useHeld } from "../moderation/moderation-queries.ts";
import { useScheduled } from "../scheduled/scheduled-queries.ts";

/** What waits for a time or for the person's word; each is there only while something waits. */
export function WaitingLinks() {
  const later = useMailLaterText();
  const moderation = useMailModerationText();
  const scheduled = useScheduled().messages.length;
  const held = useHeld().data?.messages.length ?? 0;
  return (
    <>
      {scheduled > 0 && (
        <WaitingLink
          to="/scheduled"
          icon={CalendarClock}
          label={later.nav}
          count={scheduled}
          said={later.waiting(scheduled)}
        />
      )}
      {held > 0 && (
        <WaitingLink
          to="/moderation"
          icon={MailQuestionMark}
          label={moderation.nav}
          count={held}
          said={moderation.waiting(held)}
          isNew
        />
      )}
    </>
  );
}

interface Props {
  readonly to: "/scheduled" | "/moderation";
  readonly icon: LucideIcon;
  readonly label: string;
  readonly count: number;
  readonly said: string;
  readonly isNew?: boolean;
}

function WaitingLink({ to, icon, label, count, said, isNew }: Props) {
  return (
    <Link to={to} activeProps={{ "aria-current": "page" }}>
      <Icon of={icon} />
      <span className="clip">{label}</span>
      <span className={isNew ? "n new" : "n"} aria-hidden="true">
        {count}
      </span>
      <span className="vh">, {said}</span>
    </Link>
  );
}
