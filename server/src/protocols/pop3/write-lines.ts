import type { LineChannel } from "./line-channel.ts";

const CHUNK = 16 * 1024;

/** Sends a multi-line answer made of lines that need no escaping (RFC 1939 section 3). */
export async function writeLines(channel: LineChannel, first: string, lines: Iterable<string>): Promise<void> {
  let text = `+OK ${first}\r\n`;
  for (const line of lines) {
    text += `${line}\r\n`;
    if (text.length < CHUNK) continue;
    await channel.write(text);
    text = "";
  }
  await channel.write(`${text}.\r\n`);
}
