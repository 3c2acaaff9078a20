import { copyMessages } from "../../../domain/mail/copy-messages.ts";
import type { RawCommand } from "../../../formats/imap-syntax/raw-command.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { toRanges, writeRanges } from "../../../formats/imap-syntax/sequence-set.ts";
import type { Command } from "../command.ts";
import { findMailbox } from "../mailbox-tree.ts";
import { requireSelected } from "../require-selected.ts";
import type { Session } from "../session.ts";

/** COPY and UID COPY: all or nothing (RFC 9051 section 6.4.7). */
export const copy: Command = {
  state: "selected",
  updates: "always",
  mayTakeLong: true,
  async run(session, raw) {
    const { transfer } = await readTransfer(session, raw);
    if (transfer === null) return { text: "There was nothing to copy." };
    const { toAccess, ...rest } = transfer;
    const copied = await copyMessages(session.deps.mail, requireSelected(session).access, { ...rest, toAccess });
    return { text: "Copied.", code: copyUid(copied) };
  },
};

/** Reads the arguments of COPY and MOVE; `transfer` is null when the set names no message. */
export async function readTransfer(session: Session, raw: RawCommand) {
  const scanner = new Scanner(raw);
  scanner.space();
  const set = scanner.sequenceSet();
  scanner.space();
  const name = scanner.mailbox(session.utf8);
  scanner.end();
  const selected = requireSelected(session);
  const uids = [...selected.resolve(session, set, raw.verb.startsWith("UID "))];
  const to = await findMailbox(session, name, "TRYCREATE");
  const transfer =
    uids.length === 0 ? null : { fromMailboxId: selected.id, uids, toMailboxId: to.mailbox.id, toAccess: to.access };
  return { selected, transfer };
}

/** The COPYUID code: both sets in the same order (RFC 4315 section 3). Undefined when nothing was left to copy. */
export function copyUid(result: {
  readonly uidvalidity: number;
  readonly pairs: readonly (readonly [number, number])[];
}): string | undefined {
  if (result.pairs.length === 0) return undefined;
  const pairs = result.pairs.toSorted((a, b) => a[0] - b[0]);
  const from = writeRanges(toRanges(pairs.map(([source]) => source)));
  const to = writeRanges(toRanges(pairs.map(([, target]) => target)));
  return `COPYUID ${result.uidvalidity} ${from} ${to}`;
}
