import { Refusal } from "./refusal.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** The selected mailbox, in a command that is only allowed with one. */
export function requireSelected(session: Session): SelectedMailbox {
  if (session.selected === null) throw new Error("no mailbox is selected");
  return session.selected;
}

/** @throws Refusal in a mailbox opened by EXAMINE, or without the right to change it */
export function requireWritable(selected: SelectedMailbox): void {
  if (selected.readOnly) throw new Refusal("The mailbox is open for reading only.", "NOPERM");
}
