import { DomainError } from "../../../domain/errors.ts";
import { type Annotation, readAnnotations } from "../../../domain/mail/annotations/read-annotations.ts";
import { maxAnnotationBytes, setAnnotations } from "../../../domain/mail/annotations/set-annotations.ts";
import type { MailboxRole } from "../../../domain/mail/model.ts";
import { setMailboxRole } from "../../../domain/mail/set-mailbox-role.ts";
import {
  type GetMetadataCommand,
  type MetadataEntry,
  parseGetMetadata,
  parseSetMetadata,
} from "../../../formats/imap-syntax/parse-metadata.ts";
import { writeMailbox, writeString } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";
import { findMailbox, type MailboxEntry, SPECIAL_USE, specialUseOf } from "../mailbox-tree.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";

/** RFC 6154 section 5.4: what LIST tells as an attribute, as an annotation that is the mailbox's role and is not stored. */
const SPECIAL_USE_ENTRY = "/specialuse";

/** GETMETADATA (RFC 5464 section 4.2). Entries without value are answered with NIL when they were asked for by name. */
export const getMetadata: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const command = parseGetMetadata(raw, session.utf8);
    const found = await readAll(session, command.mailbox);
    const told: { name: string; value: Buffer | null }[] = [];
    let longest = 0;
    for (const entry of command.entries) {
      const matching = found.filter((each) => matches(each, entry, command.depth));
      if (matching.length === 0 && command.depth === 0) told.push({ name: fullName(entry), value: null });
      for (const each of matching) {
        const name = fullName(each);
        if (told.some((other) => other.name === name)) continue;
        if (command.maxSize !== null && each.value.length > command.maxSize) {
          longest = Math.max(longest, each.value.length);
        } else told.push({ name, value: each.value });
      }
    }
    const { channel } = session;
    if (told.length > 0) {
      channel.send(`* METADATA ${writeMailbox(command.mailbox, session.utf8)} (`);
      told.forEach(({ name, value }, index) => {
        channel.send(`${index > 0 ? " " : ""}${name.includes(" ") ? writeString(name) : name} `);
        sendValue(session, value);
      });
      channel.send(")\r\n");
    }
    return { text: "Annotations told.", code: longest > 0 ? `METADATA LONGENTRIES ${longest}` : undefined };
  },
};

/** SETMETADATA (RFC 5464 section 4.3): all or nothing. */
export const setMetadata: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const { mailbox: name, values } = parseSetMetadata(raw, session.utf8);
    const entry = name === "" ? null : await findMailbox(session, name);
    const access = entry?.access ?? (await personalAccess(session));
    const uses = values.filter(({ entry: each }) => each.isPrivate && each.name === SPECIAL_USE_ENTRY);
    const changes = values
      .filter((each) => !uses.includes(each))
      .map(({ entry: { isPrivate, name: entryName }, value }) => ({ isPrivate, name: entryName, value }));
    if (changes.some(({ value }) => value !== null && value.length > maxAnnotationBytes)) {
      throw new Refusal("The value is too long.", `METADATA MAXSIZE ${maxAnnotationBytes}`);
    }
    const roles = uses.map(({ value }) => readRole(entry, value));
    try {
      if (changes.length > 0) await setAnnotations(session.deps.mail.store, access, entry?.mailbox.id ?? null, changes);
      for (const role of roles) await setRole(session, entry as NonNullable<typeof entry>, role);
    } catch (error) {
      if (error instanceof DomainError && error.data?.reason === "too_many") {
        throw new Refusal("There are too many annotations.", "METADATA TOOMANY");
      }
      throw error;
    }
    return { text: "Annotations set." };
  },
};

/** Those of the server ("") are kept with the account that the client opened. */
async function readAll(session: Session, name: string): Promise<Annotation[]> {
  const { store } = session.deps.mail;
  if (name === "") return readAnnotations(store.read, await personalAccess(session), null);
  const entry = await findMailbox(session, name);
  const stored = await readAnnotations(store.read, entry.access, entry.mailbox.id);
  const use = specialUseOf(entry);
  if (use === null) return stored;
  return [...stored, { isPrivate: true, name: SPECIAL_USE_ENTRY, value: Buffer.from(use) }];
}

async function personalAccess(session: Session) {
  const access = (await session.accounts()).find((each) => session.isPersonal(each));
  if (access === undefined) throw new Refusal("There is no account.", "NONEXISTENT");
  return access;
}

function matches(annotation: Annotation, entry: MetadataEntry, depth: GetMetadataCommand["depth"]): boolean {
  if (annotation.isPrivate !== entry.isPrivate) return false;
  if (annotation.name === entry.name) return true;
  if (depth === 0 || !annotation.name.startsWith(`${entry.name}/`)) return false;
  return depth === "infinity" || !annotation.name.slice(entry.name.length + 1).includes("/");
}

function fullName({ isPrivate, name }: MetadataEntry): string {
  return `${isPrivate ? "/private" : "/shared"}${name}`;
}

/** A value may hold anything: what no quoted string can goes as a literal, with NUL as a literal8. */
function sendValue({ channel }: Session, value: Buffer | null): void {
  if (value === null) channel.send("NIL");
  else if (value.length <= 1000 && /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/.test(value.toString("latin1"))) {
    channel.send(writeString(value.toString("latin1")));
  } else {
    channel.send(`${value.includes(0) ? "~" : ""}{${value.length}}\r\n`);
    channel.sendBytes(value);
  }
}

function readRole(entry: MailboxEntry | null, value: Buffer | null): Exclude<MailboxRole, "inbox"> | null {
  if (entry === null || !entry.isPersonal) throw new Refusal("Only one's own mailboxes have a special use.", "USEATTR");
  const written = value?.toString("latin1").trim().toLowerCase() ?? "";
  if (written === "") return null;
  const found = Object.entries(SPECIAL_USE).find(([, attribute]) => attribute?.toLowerCase() === written);
  if (found === undefined) throw new Refusal("This special use is not supported.", "USEATTR");
  return found[0] as Exclude<MailboxRole, "inbox">;
}

async function setRole(
  session: Session,
  { access, mailbox }: Awaited<ReturnType<typeof findMailbox>>,
  role: Exclude<MailboxRole, "inbox"> | null,
): Promise<void> {
  try {
    await setMailboxRole(session.deps.mail, access, mailbox.id, role);
  } catch (error) {
    const isRefused = error instanceof DomainError && ["already_exists", "invalid"].includes(error.code);
    throw isRefused ? new Refusal("This mailbox cannot have this special use.", "USEATTR") : error;
  }
}
