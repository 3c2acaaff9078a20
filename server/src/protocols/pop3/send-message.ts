import { findMaildropMessage } from "../../domain/mail/open-maildrop.ts";
import { openMessageBytes } from "../../domain/mail/open-message.ts";
import { DotStuffer } from "./dot-stuff.ts";
import type { Session, Transaction } from "./session.ts";

/** Sends a message, or its header and the first lines of its body, as a multi-line answer. */
export async function sendMessage(
  { deps, channel }: Session,
  { access, maildrop }: Transaction,
  index: number,
  bodyLines?: number,
): Promise<void> {
  const { mail } = deps;
  const found = await findMaildropMessage(mail.store.read, access, maildrop, maildrop.uids[index]!);
  const source = await openMessageBytes(mail, access, found);
  const stuffer = new DotStuffer(bodyLines);
  const stream = source.open();
  let first: string | undefined = `+OK ${source.size} octets\r\n`;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const bytes = stuffer.push(chunk);
      await channel.write(first === undefined ? bytes : Buffer.concat([Buffer.from(first), bytes]));
      first = undefined;
      if (stuffer.isDone) break;
    }
    await channel.write((first ?? "") + stuffer.end());
  } catch (error) {
    // In the middle of an answer nothing but closing helps the client.
    if (first === undefined) channel.destroy();
    throw error;
  } finally {
    stream.destroy();
  }
}
