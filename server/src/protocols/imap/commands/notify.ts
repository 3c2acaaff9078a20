import { isSelected, NOTIFY_EVENTS, parseNotify } from "../../../formats/imap-syntax/parse-notify.ts";
import type { Command } from "../command.ts";
import { NotifyWatch } from "../notify-watch.ts";
import { Refusal } from "../refusal.ts";

/** RFC 5465. What was asked before is replaced. */
export const notify: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const { groups, status, unknown } = parseNotify(raw, session.utf8);
    if (unknown.length > 0) {
      throw new Refusal("Some of these events are not known.", `BADEVENT (${NOTIFY_EVENTS.join(" ")})`);
    }
    const selected = groups.find(({ filter }) => isSelected(filter));
    const others = groups.filter(({ filter, events }) => !isSelected(filter) && events.size > 0);
    const watch = others.length === 0 ? null : new NotifyWatch(session, groups);
    await watch?.start(status);
    session.notify(watch, {
      tells: selected?.events.has("MessageNew") ?? false,
      expunges: selected?.filter.kind === "selected",
      flags: selected?.events.has("FlagChange") ?? false,
      fetch: selected?.fetch ?? null,
    });
    return { text: "Noted." };
  },
};
