import { parseMessageIds } from "./decode-header.ts";
import type { Envelope } from "./envelope.ts";

const maxSubject = 2000;
const maxReferences = 100;
const replyOrForward = /(?:re|fwd?)[ ]*(?:\[[^[\]]*\][ ]*)?:/iy;
// What French, German, Italian, Spanish, Dutch and Nordic programs write.
const anyReplyOrForward =
  /(?:re|réf|rép|fwd?|tr|aw|wg|rif|rv|antw|sv|vs|vb)[ .]*(?:\[[^[\]]*\][ ]*|\(\d+\)[ ]*)?[ ]*:/iy;
const blob = /\[[^[\]]*\][ ]*/y;

/** Base subject of a decoded subject (RFC 5256 §2.1), case kept. Compare with i;unicode-casemap. */
export function baseSubject(subject: string): string {
  return stripSubject(subject, replyOrForward);
}

/** Whether a decoded subject says that the message answers or forwards another (RFC 5256 §5, the end of REFERENCES). */
export function isReplySubject(subject: string): boolean {
  let found = false;
  stripSubject(subject, replyOrForward, () => {
    found = true;
  });
  return found;
}

/**
 * Subject under which replies are grouped: the base subject without the reply and forward words of other languages either
 * ("TR :", "Réf :"), in lower case, NFC.
 */
export function threadSubject(subject: string): string {
  return stripSubject(subject.normalize("NFC"), anyReplyOrForward).toLowerCase();
}

/** @param onMark called when a word or wrapping of a reply or forward is taken away, not for a blob */
function stripSubject(subject: string, prefix: RegExp, onMark?: () => void): string {
  let text = subject.slice(0, maxSubject).replace(/\s+/g, " ").trim();
  for (;;) {
    const start = leaderEnd(text, prefix, onMark);
    const stripped = withoutTrailer(text.slice(start), onMark);
    // §2.1 step 6: "[fwd: … ]" wraps a subject that is stripped in turn.
    if (/^\[fwd:/i.test(stripped) && stripped.endsWith("]")) {
      onMark?.();
      text = stripped.slice(5, -1).trim();
      continue;
    }
    if (stripped === text) return text;
    text = stripped;
  }
}

function withoutTrailer(text: string, onMark?: () => void): string {
  let end = text.trimEnd();
  while (/\(fwd\)$/i.test(end)) {
    onMark?.();
    end = end.slice(0, -5).trimEnd();
  }
  return end;
}

/** Steps 3 to 5: where the subject starts after leaders and blobs. */
function leaderEnd(text: string, prefix: RegExp, onMark?: () => void): number {
  let position = 0;
  for (;;) {
    while (text[position] === " ") position++;
    let after = position;
    let firstBlob = -1;
    for (let next = matchEnd(blob, text, after); next > after; next = matchEnd(blob, text, after)) {
      if (firstBlob < 0) firstBlob = next;
      after = next;
    }
    const leader = matchEnd(prefix, text, after);
    if (leader > after) {
      onMark?.();
      position = leader;
    } else if (firstBlob >= 0 && text.slice(firstBlob).trim() !== "") position = firstBlob;
    else return position;
  }
}

function matchEnd(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/**
 * Ids of the messages this one answers, oldest first, without brackets: References or, without any, the first of In-Reply-To
 * (RFC 5256 section 3), each once, its own id left out. Of more than 100 the first (the root of the thread) and the last 99 are kept.
 */
export function threadReferences(envelope: Envelope, references: string | null): string[] {
  const own = envelope.messageId === null ? undefined : parseMessageIds(envelope.messageId)[0];
  const others = (value: string | null) => parseMessageIds(value ?? "").filter((id) => id !== own);
  const referenced = others(references);
  const list = referenced.length > 0 ? referenced : others(envelope.inReplyTo).slice(0, 1);
  return list.length <= maxReferences ? list : [list[0]!, ...list.slice(1 - maxReferences)];
}
