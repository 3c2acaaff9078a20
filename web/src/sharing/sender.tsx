import type { ShareInfo } from "@bouquet/contract/sharing.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { Avatar } from "../ui/marks.tsx";

/** Who shared it and from where: on every screen of a link that works. */
export function Sender({ info }: { info: ShareInfo }) {
  const t = useSharingText();
  const { sharedBy, organization, state } = info;
  const isRequest = info.state === "open" && !info.allows.canView;
  const who = sharedBy === organization ? sharedBy : t.personOf(sharedBy, organization);
  return (
    <p className="sender row muted">
      <Avatar name={sharedBy} size="sm" />
      <span>{state === "locked" ? t.sharedSomething(who) : isRequest ? t.requested(who) : t.shared(who)}</span>
    </p>
  );
}
